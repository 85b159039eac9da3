import { keysOfType } from "../../evaluate/task/recipe-keys.js";
import type { TaskKindTable, TaskRecipe } from "../../evaluate/task/task-kind.js";
import { taskKinds, type TaskKindName } from "../../evaluate/task/task-kinds.js";
import type { Job, JobInput } from "../../jobs/job.js";
import type { DataParameters } from "../kinds/data.js";
import type { EvaluateParameters, TaskParameters } from "../kinds/evaluate.js";
import { createJob } from "../kinds/job-kinds.js";
import type { DataSets } from "./data-jobs.js";

/** Every task has these keys, even if its kind does not declare them: job ids depend on them. */
const undeclaredKeys = { fewShot: 0, fewShotData: null, maxTokens: 0 };

/** The parameters of a task, with each recipe key that its kind declares, and data sets instead of their names. */
export function taskParameters(
  task: TaskRecipe<TaskKindTable>,
  data: DataSets,
  kinds: TaskKindTable = taskKinds,
): TaskParameters {
  const set = (name: unknown) => (typeof name === "string" ? (data.get(name) as DataParameters) : null);
  const { recipeKeys } = kinds[task.kind];
  const [limit] = keysOfType(recipeKeys, "limit");
  return {
    name: task.name,
    kind: task.kind as TaskKindName,
    data: data.get(task.data) as DataParameters,
    split: task.split,
    items: limit === undefined ? null : (task[limit] as number | null),
    ...undeclaredKeys,
    ...Object.fromEntries(keysOfType(recipeKeys, "whole").map((key) => [key, task[key]])),
    ...Object.fromEntries(keysOfType(recipeKeys, "dataset").map((key) => [key, set(task[key])])),
  };
}

export function evaluationJob(title: string, input: JobInput, parameters: EvaluateParameters, flops: number): Job {
  return createJob({
    kind: "evaluate",
    title: `evaluate ${title}`,
    parameters,
    inputs: { model: input },
    flops,
    exclusive: false,
  });
}
