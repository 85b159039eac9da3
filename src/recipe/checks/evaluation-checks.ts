import { keysOfType, type RecipeKeys } from "../../evaluate/task/recipe-keys.js";
import type { TaskKindTable } from "../../evaluate/task/task-kind.js";
import { taskKinds } from "../../evaluate/task/task-kinds.js";
import { elements, isMapping, issueAt, valueAt, type Issue, type Path } from "../errors/issue.js";

/** The keys of an evaluation whose values are names of data sets, for all kinds of tasks. */
export function taskDatasetKeys(kinds: TaskKindTable = taskKinds): string[] {
  return ["data", ...new Set(Object.values(kinds).flatMap(({ recipeKeys }) => keysOfType(recipeKeys, "dataset")))];
}

/** Evaluations on unsuitable data, or without data that they need. */
export function evaluationIssues(recipe: unknown, kinds: TaskKindTable = taskKinds): Issue[] {
  return elements(recipe, ["evaluation"]).flatMap(({ path, value: task }) => {
    if (!isMapping(task) || typeof task.data !== "string" || typeof task.kind !== "string") return [];
    const kind = Object.hasOwn(kinds, task.kind) ? kinds[task.kind] : null;
    return [
      ...(kind ? syntheticIssues(recipe, task, path, kind.synthetic) : []),
      ...heldOutIssues(recipe, task, path),
      ...(kind ? missingDataIssues(task, path, kind.recipeKeys) : []),
    ];
  });
}

type WrittenTask = Readonly<Record<string, unknown>>;

function syntheticIssues(recipe: unknown, task: WrittenTask, path: Path, needed: string | null): Issue[] {
  const synthetic = valueAt(recipe, ["data", task.data as string, "synthetic"]);
  if (needed === null || typeof synthetic !== "string" || synthetic === needed) return [];
  const hint = `It has ${synthetic}; use data with \`synthetic: ${needed}\`.`;
  return [issueAt([...path, "data"], `data with ${needed} for ${String(task.kind)}`, task.data, hint)];
}

function heldOutIssues(recipe: unknown, task: WrittenTask, path: Path): Issue[] {
  if (valueAt(recipe, ["holdOut"]) !== 0 || (task.split ?? "validation") !== "validation") return [];
  const hint = "The recipe's `holdOut` is 0: raise it, or write `split: all` here.";
  return [issueAt([...path, "data"], "data with held-out documents", task.data, hint)];
}

function missingDataIssues(task: WrittenTask, path: Path, keys: RecipeKeys): Issue[] {
  return Object.entries(keys).flatMap(([name, key]) => {
    if (key.type !== "dataset" || (task[name] ?? null) !== null) return [];
    const amount = task[key.requiredBy];
    if (typeof amount !== "number" || amount <= 0) return [];
    const hint = `${key.description} Name one, or set \`${key.requiredBy}: 0\`.`;
    return [issueAt([...path, name], "the name of a data set", task[name], hint)];
  });
}
