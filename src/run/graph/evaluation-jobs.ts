import { findTask } from "../../evaluate/harness/config/find-tasks.js";
import { writeTaskFile } from "../../evaluate/harness/config/task-file-json.js";
import type { Job, JobInput } from "../../jobs/job.js";
import type { EvaluationRecipe } from "../../recipe/recipe.js";
import type { DataParameters } from "../kinds/data.js";
import type { EvaluateParameters } from "../kinds/evaluate.js";
import { createJob } from "../kinds/job-kinds.js";
import type { EvaluationParameters } from "../kinds/load-task.js";
import type { DataSets } from "./data-jobs.js";

/** The parameters of an evaluation, with data sets and the task file instead of their names. */
export function evaluationParameters(evaluation: EvaluationRecipe, data: DataSets): EvaluationParameters {
  const set = (name: string) => data.get(name) as DataParameters;
  if ("kind" in evaluation) return { ...evaluation, data: evaluation.data.map(set) };
  const { task, fewShotData, ...others } = evaluation;
  return {
    ...others,
    kind: "task",
    taskFile: writeTaskFile(findTask(task).entry),
    data: set(evaluation.data),
    fewShotData: fewShotData === null ? null : set(fewShotData),
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
