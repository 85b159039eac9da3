import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { StrataError } from "../../../errors/strata-error.js";
import { isRecord } from "../is-record.js";
import { parseResultsJson } from "./parse-results-json.js";
import { readText } from "../../../files/read-text.js";

/** A results file of `strata eval` or lm-evaluation-harness. */
export interface Evaluation {
  readonly file: string;
  readonly model: string;
  /** The name of each task, in the order of the file. */
  readonly tasks: readonly string[];
  /** The tasks of each group that has metrics, in the order of the file. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** `results`, `configs` and others by name of task or group; empty where the file has none. */
  facts(key: "results" | "groups" | "configs" | "higher_is_better", name: string): Readonly<Record<string, unknown>>;
  /** The file of the task's samples, whether it exists or not. */
  samplesFile(task: string): string;
}

/**
 * @param path  a results file, or a folder that has some, itself or in a folder of a model: the newest counts
 * @throws StrataError
 */
export function readEvaluation(path: string): Evaluation {
  if (!existsSync(path)) throw failure(path, "a results file or a folder with one", "no such file or folder");
  const file = statSync(path).isDirectory() ? newestResults(path) : path;
  const content = readContent(file);
  const section = (key: string): Readonly<Record<string, unknown>> => {
    const value = content[key];
    return isRecord(value) ? value : {};
  };
  const stamp = /_([^_]*)\.json$/.exec(basename(file))?.[1] ?? "";
  return {
    file,
    model: typeof content.model_name === "string" ? content.model_name : basename(dirname(file)),
    tasks: Object.keys(section("configs")),
    groups: new Map(Object.keys(section("groups")).map((group) => [group, leavesOf(group, section("group_subtasks"))])),
    facts(key, name) {
      const value = section(key)[name];
      return isRecord(value) ? value : {};
    },
    samplesFile: (task) => join(dirname(file), `samples_${task}_${stamp}.jsonl`),
  };
}

/** The tasks of a group and of its groups. */
function leavesOf(name: string, members: Readonly<Record<string, unknown>>): string[] {
  const inner = members[name];
  return Array.isArray(inner) ? inner.flatMap((member) => leavesOf(String(member), members)) : [name];
}

function newestResults(folder: string): string {
  const own = resultsIn(folder);
  if (own.length > 0) return own[own.length - 1];
  const models = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted()
    .filter((name) => resultsIn(join(folder, name)).length > 0);
  if (models.length === 1) return newestResults(join(folder, models[0]));
  if (models.length === 0) throw failure(folder, "results_TIME.json in it", "no results file");
  throw new StrataError("EvaluationError", {
    where: folder,
    expected: "the results of one model",
    got: `${models.length}: ${models.slice(0, 3).join(", ")}${models.length > 3 ? ", …" : ""}`,
    hint: "Name the folder of the model or its results file.",
  });
}

/** Times are written so that the order of names is that of times. */
function resultsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^results_.*\.json$/.test(name))
    .toSorted()
    .map((name) => join(folder, name));
}

function readContent(file: string): Readonly<Record<string, unknown>> {
  let content: unknown;
  try {
    content = parseResultsJson(readText(file));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw failure(file, "JSON", error.message);
  }
  if (isRecord(content) && isRecord(content.results) && isRecord(content.configs)) return content;
  throw failure(file, "an object with results and configs", "other content");
}

function failure(where: string, expected: string, got: string): StrataError {
  const hint = "Give what `strata eval --output_path` or lm_eval wrote: a results file, or the folder that has it.";
  return new StrataError("EvaluationError", { where, expected, got, hint });
}
