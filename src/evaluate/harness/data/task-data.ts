import { join } from "node:path";
import { isFolder } from "../../../files/is-folder.js";
import { expandFiles } from "../../../corpus/records/expand-files.js";
import { StrataError } from "../../../errors/strata-error.js";
import { selectDataset } from "../../../hub/datasets/select-dataset.js";
import { idPattern, mainRevision } from "../../../hub/repository.js";
import { fetchSelection } from "../../../hub/selection.js";
import type { HubAccess } from "../../../hub/settings.js";
import { fileFormats, splitsOfKwargs } from "./data-files.js";
import { hubFormOf } from "./hub-columns/hub-forms.js";
import { readDocuments, type SplitDocuments } from "./read-documents.js";
import { splitsInFolder, type SplitFiles } from "./split-folder.js";

/** Where a task's documents are. */
export interface TaskDataSource {
  /** Name of the task, for messages. */
  readonly task: string;
  /** `dataset_path`, `dataset_name` and `dataset_kwargs` of the task file, as parsed. */
  readonly datasetPath: string;
  readonly datasetName: string | null;
  readonly datasetKwargs: unknown;
  /** A file or a folder that replaces them; null for none. */
  readonly path: string | null;
  /** Null forbids downloads: a data set of the hub is then an error. */
  readonly hub: HubAccess | null;
}

export interface TaskData {
  /**
   * Reads the documents of a split.
   *
   * @param use  whether they are scored, or the pool of few-shot examples; a single file has no such pool
   * @throws StrataError if there is no such split, or as `readDocuments`
   */
  readonly read: (split: string, use: "scored" | "examples") => Promise<SplitDocuments>;
}

/** @throws StrataError if there are no such data; the hub is not asked before a split is read */
export function openTaskData(source: TaskDataSource): TaskData {
  const { task, datasetPath, datasetName, path } = source;
  const form = hubFormOf(datasetPath, datasetName);
  const fromFiles = (where: string, splits: SplitFiles): TaskData => ({
    read: async (split) => readDocuments(expandFiles(filesOf(split, splits, where)), form),
  });
  if (path !== null) {
    if (isFolder(path)) return fromFiles(path, splitsInFolder(path, datasetName));
    const files = expandFiles([path]);
    return {
      async read(split, use) {
        if (use === "examples") throw noExamples(task, split, path);
        return readDocuments(files, form);
      },
    };
  }
  if (fileFormats.includes(datasetPath)) return dataFiles(source);
  if (isFolder(datasetPath)) return fromFiles(datasetPath, splitsInFolder(datasetPath, datasetName));
  if (!idPattern.test(datasetPath)) throw wrongPath(source);
  return { read: async (split) => readDocuments(await hubFiles(source, split), form) };
}

/** The files that a task file lists. */
function dataFiles({ task, datasetKwargs }: TaskDataSource): TaskData {
  const splits = splitsOfKwargs(datasetKwargs, task);
  const [[firstName, first]] = splits;
  return {
    async read(split) {
      const files = expandFiles(filesOf(split, splits, `task ${task} data_files`));
      return readDocuments(files, null, split === firstName ? [] : expandFiles(first).slice(0, 1));
    },
  };
}

function filesOf(split: string, splits: SplitFiles, where: string): readonly string[] {
  const files = splits.get(split);
  if (files !== undefined) return files;
  const names = [...splits.keys()].join(", ");
  throw new StrataError("EvaluationError", {
    where,
    expected: `the split ${JSON.stringify(split)}, such as a file ${split}.jsonl`,
    got: names === "" ? "no data files" : `only ${names}`,
    hint: "Add the file; its columns are those of the data set on the hub.",
  });
}

async function hubFiles(source: TaskDataSource, split: string): Promise<readonly string[]> {
  const { datasetPath: id, datasetName: config, hub } = source;
  const revision = hubRevision(source);
  if (hub === null) throw noHub(source);
  const part = { config, split, paths: null };
  const selection = await selectDataset({ kind: "dataset", id, revision }, part, hub);
  const { folder, paths } = await fetchSelection(selection, hub);
  return paths.map((path) => join(folder, path));
}

function hubRevision({ task, datasetKwargs }: Pick<TaskDataSource, "task" | "datasetKwargs">): string {
  const { revision = mainRevision, trust_remote_code: _, ...others } = (datasetKwargs ?? {}) as Record<string, unknown>;
  const unknown = Object.keys(others);
  if (typeof revision === "string" && unknown.length === 0) return revision;
  throw new StrataError("EvaluationError", {
    where: `task ${task} dataset_kwargs`,
    expected: "only a revision",
    got: unknown.join(", ") || "a revision that is not a text",
    hint: `Change the task file, or give the data with --data ${task}=PATH.`,
  });
}

/** Where the documents of a split are: a part of a data set of the hub, or files. */
export type SplitSource =
  | { readonly hf: string; readonly config: string | null; readonly split: string; readonly revision: string }
  | { readonly files: readonly string[] };

/**
 * Where a task file's own data are.
 *
 * @throws StrataError if there are no such data, or no such split among its files
 */
export function splitSource(source: Omit<TaskDataSource, "path" | "hub">, split: string): SplitSource {
  const { task, datasetPath, datasetName: config, datasetKwargs } = source;
  if (fileFormats.includes(datasetPath))
    return { files: filesOf(split, splitsOfKwargs(datasetKwargs, task), `task ${task} data_files`) };
  if (isFolder(datasetPath)) return { files: filesOf(split, splitsInFolder(datasetPath, config), datasetPath) };
  if (!idPattern.test(datasetPath)) throw wrongPath(source);
  return { hf: datasetPath, config, split, revision: hubRevision(source) };
}

function noExamples(task: string, split: string, path: string): StrataError {
  return new StrataError("EvaluationError", {
    where: `task ${task}`,
    expected: `a split ${JSON.stringify(split)} to draw few-shot examples from`,
    got: `the single file ${path}, which is scored`,
    hint: `Give a folder with ${split}.jsonl and the scored split, or evaluate with --num_fewshot 0.`,
  });
}

function noHub({ task, datasetPath }: TaskDataSource): StrataError {
  return new StrataError("EvaluationError", {
    where: `task ${task}`,
    expected: `access to the hub, where ${datasetPath} is`,
    got: "none",
    hint: `Give the data with --data ${task}=PATH.`,
  });
}

function wrongPath({ task, datasetPath }: Pick<TaskDataSource, "task" | "datasetPath">): StrataError {
  return new StrataError("EvaluationError", {
    where: `task ${task} dataset_path`,
    expected: `a data set of the hub, a folder, or ${fileFormats.join(", ")}`,
    got: JSON.stringify(datasetPath),
    hint: `Change the task file, or give the data with --data ${task}=PATH.`,
  });
}
