import type { Job, JobInput } from "../../jobs/job.js";
import type { EvaluationRecipe } from "../../recipe/recipe.js";
import type { DataParameters } from "../kinds/data.js";
import type { EvaluateParameters, TaskParameters } from "../kinds/evaluate.js";
import { createJob } from "../kinds/job-kinds.js";
import type { DataSets } from "./data-jobs.js";

export function taskParameters(task: EvaluationRecipe, data: DataSets): TaskParameters {
  const set = data.get(task.data) as DataParameters;
  return {
    name: task.name,
    kind: task.kind,
    data: set,
    split: task.split,
    items: "documents" in task ? task.documents : task.items,
    fewShot: task.kind === "exact-match" ? task.fewShot : 0,
    fewShotData:
      task.kind === "exact-match" && task.fewShotData ? (data.get(task.fewShotData) as DataParameters) : null,
    maxTokens: task.kind === "exact-match" ? task.maxTokens : 0,
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
