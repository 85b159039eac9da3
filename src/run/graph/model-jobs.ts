import type { Job, JobInput } from "../../jobs/job.js";
import { plainLlama } from "../../model/config/architecture.js";
import { totalParameters } from "../../model/config/parameter-counts.js";
import { openModelFolder } from "../../model/files/model-folder.js";
import type { PlanSettings } from "../../plan/plan-parts.js";
import type { InitializeParameters } from "../kinds/initialize.js";
import { createJob } from "../kinds/job-kinds.js";
import { chosenFiles } from "../sources/chosen-files.js";
import type { LocalRecipe } from "../sources/local-recipe.js";
import { asInput } from "./job-input.js";

export async function initializeJob(recipe: LocalRecipe, tokenizer: Job): Promise<Job> {
  const job = (parameters: InitializeParameters, inputs: Record<string, JobInput>) =>
    createJob({ kind: "initialize", title: "initial model", parameters, inputs, flops: 0, exclusive: false });
  if ("folder" in recipe.model) return job({ files: await chosenFiles(recipe.model) }, {});
  const shape = "pretrain" in recipe.model ? recipe.model.pretrain.shape : recipe.model.random;
  return job({ random: shape, seed: recipe.seed }, { tokenizer: asInput(tokenizer) });
}

export interface ExpectedModel extends Pick<PlanSettings, "config" | "storedBytesPerElement"> {
  /** What the user should know about the files of a given model. */
  readonly notes: readonly string[];
}

/**
 * The initial model before any job has run. A tokenizer that is still to be trained counts with its `vocabSize`, one in
 * a file with 32000 tokens.
 */
export function expectedModel(recipe: LocalRecipe): ExpectedModel {
  if ("folder" in recipe.model) {
    const { config, tensors, notes } = openModelFolder(recipe.model.folder);
    const bytes = [...tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
    return { config, storedBytesPerElement: bytes / totalParameters(config), notes };
  }
  const shape = "pretrain" in recipe.model ? recipe.model.pretrain.shape : recipe.model.random;
  const { tokenizer } = recipe;
  const vocabSize = tokenizer && "train" in tokenizer ? tokenizer.train.vocabSize : 32000;
  return {
    config: { ...plainLlama, ...shape, vocabSize, bosId: 0, eosIds: [1] },
    storedBytesPerElement: 4,
    notes: [],
  };
}
