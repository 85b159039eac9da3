import { StrataError } from "../../../errors/strata-error.js";
import { isRecord } from "../is-record.js";
import type { SplitFiles } from "./split-folder.js";

/** Formats that a task file names in `dataset_path` where its data are files. */
export const fileFormats: readonly string[] = ["json", "csv", "parquet"];

/**
 * The files of `dataset_kwargs.data_files`: a path, a list of paths, or paths by split. Without a split, they are the
 * split `train`.
 *
 * @param kwargs  `dataset_kwargs` of a task file, as parsed
 * @throws StrataError for anything else
 */
export function splitsOfKwargs(kwargs: unknown, task: string): SplitFiles {
  const { data_files: files, ...others } = isRecord(kwargs) ? kwargs : {};
  const unknown = Object.keys(others).filter((key) => key !== "trust_remote_code");
  if (unknown.length > 0) throw wrongFiles(task, "dataset_kwargs with data_files only", `also ${unknown.join(", ")}`);
  if (isRecord(files) && Object.keys(files).length > 0)
    return new Map(Object.entries(files).map(([split, paths]) => [split, pathsOf(paths, task)]));
  return new Map([["train", pathsOf(files, task)]]);
}

function pathsOf(value: unknown, task: string): readonly string[] {
  const paths: unknown[] = Array.isArray(value) ? value : [value];
  const isLocal = (path: unknown) => typeof path === "string" && path !== "" && !/^\w+:\/\//.test(path);
  if (paths.length > 0 && paths.every(isLocal)) return paths as string[];
  throw wrongFiles(
    task,
    "data_files: a local path, a list of paths, or paths by split",
    JSON.stringify(value) ?? "none",
  );
}

function wrongFiles(task: string, expected: string, got: string): StrataError {
  return new StrataError("EvaluationError", {
    where: `task ${task} dataset_kwargs`,
    expected,
    got,
    hint: "Change the task file; paths are relative to the working directory.",
  });
}
