import { documentSeparator } from "../../corpus/records/formats/plain-text.js";
import { findTask } from "../../evaluate/harness/config/find-tasks.js";
import type { Recipe } from "../../recipe/recipe.js";
import { dataParameters } from "../graph/data-jobs.js";
import type { LocalDataset } from "../sources/local-recipe.js";
import { readFirstLossDocuments, readFirstRecords } from "./check-task.js";
import { readFirstDocuments } from "./first-documents.js";

/**
 * Reads the first records of the first file of a data set, before its other files are downloaded, as everything that
 * uses the data set will read them.
 *
 * @param set  with this file only
 * @throws StrataError naming file and record
 */
export async function checkFirstFile(recipe: Recipe, name: string, set: LocalDataset): Promise<void> {
  // With its other files, the data set has the separator of several files.
  const written = "files" in set ? { ...set, separator: set.separator ?? documentSeparator } : set;
  const data = await dataParameters(written, { share: recipe.holdOut, seed: recipe.seed });
  if (trainedOn(recipe).includes(name)) await readFirstDocuments(data);
  for (const one of recipe.evaluation) {
    if ("kind" in one) {
      if (one.data.includes(name)) await readFirstLossDocuments(data, { ...one, limit: one.documents });
      continue;
    }
    const { config } = findTask(one.task);
    if (one.data === name) await readFirstRecords(config, data, one);
    if (one.fewShotData === name) await readFirstRecords(config, data, { name: one.name, split: "all", limit: null });
  }
}

function trainedOn({ model, tokenizer, training }: Recipe): string[] {
  const forTokenizer = tokenizer !== null && "train" in tokenizer ? tokenizer.train.data : [];
  return [...training.data, ...("pretrain" in model ? model.pretrain.data : []), ...forTokenizer];
}
