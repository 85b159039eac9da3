import { resolve } from "node:path";
import { findTasks, isTaskPath } from "../../evaluate/harness/config/find-tasks.js";
import { readTaskConfig } from "../../evaluate/harness/config/read-task-config.js";
import { drawsExamples, shotsOf } from "../../evaluate/harness/prompt/prepare-task.js";
import type { TaskConfig } from "../../evaluate/harness/config/task-config.js";
import { examplesSplit, scoredSplit } from "../../evaluate/harness/data/open-task-documents.js";
import { splitSource } from "../../evaluate/harness/data/task-data.js";
import { recipeErrors, type Path } from "../errors/issue.js";
import type { DatasetRecipe, EvaluationRecipe, TaskRecipe } from "../recipe.js";
import { filesOf, hubDataset } from "../schema/data.js";
import type { WrittenTask } from "../schema/evaluation.js";
import type { WrittenRecipe } from "../schema/recipe.js";
import { resolveDataset } from "./resolve-dataset.js";

export interface ResolvedEvaluation {
  readonly evaluation: EvaluationRecipe[];
  /** The data sets that its tasks bring. */
  readonly data: Readonly<Record<string, DatasetRecipe>>;
}

/**
 * Replaces groups by their tasks, and gives tasks names, numbers of examples and data sets.
 *
 * @param resolvePath  the absolute path of a file in the recipe at `at`
 * @throws StrataError for two evaluations with the same name
 */
export function resolveEvaluation(
  written: NonNullable<WrittenRecipe["evaluation"]>,
  resolvePath: (file: string, at: Path) => string,
  where: (at: Path) => string,
): ResolvedEvaluation {
  const data = new Map<string, DatasetRecipe>();
  const evaluation: EvaluationRecipe[] = [];
  for (const [i, one] of written.entries()) {
    const found = "kind" in one ? [one] : tasksOf(one, ["evaluation", i, "task"], resolvePath, data);
    for (const { name } of found)
      if (evaluation.some((other) => other.name === name)) throw repeatedName(name, where(["evaluation", i]));
    evaluation.push(...found);
  }
  return { evaluation, data: Object.fromEntries(data) };
}

/** @param data  receives the data sets of the tasks */
function tasksOf(
  written: WrittenTask,
  at: Path,
  resolvePath: (file: string, at: Path) => string,
  data: Map<string, DatasetRecipe>,
): TaskRecipe[] {
  const path = isTaskPath(written.task) ? resolvePath(written.task, at) : null;
  return findTasks(path ?? written.task).map((entry) => {
    const config = readTaskConfig(entry);
    const fewShot = shotsOf(config, written.fewShot ?? null);
    const addOwn = (split: string) => {
      const name = `${config.task} ${split}`;
      data.set(name, ownData(config, split));
      return name;
    };
    return {
      task: path ?? entry.name,
      name: written.name ?? entry.name,
      data: written.data ?? addOwn(scoredSplit(config)),
      split: written.data === null ? "all" : (written.split ?? "validation"),
      limit: written.limit,
      fewShot,
      fewShotData: written.fewShotData ?? (drawsExamples(config, fewShot) ? addOwn(examplesSplit(config)) : null),
      maxTokens: written.maxTokens,
    };
  });
}

function ownData(config: TaskConfig, split: string): DatasetRecipe {
  const { task, datasetPath, datasetName, datasetOptions: datasetKwargs } = config;
  const source = splitSource({ task, datasetPath, datasetName, datasetKwargs }, split);
  const set = "files" in source ? filesOf(source.files) : hubDataset(source);
  return resolveDataset(task, set, undefined, (file) => resolve(file));
}

function repeatedName(name: string, where: string): Error {
  const hint = "A group or a tag contains a task that is also listed: remove one of them, or give it a `name`.";
  return recipeErrors([{ where, expected: "a name that is unique in evaluation", got: JSON.stringify(name), hint }]);
}
