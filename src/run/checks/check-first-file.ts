import { documentSeparator } from "../../corpus/records/formats/plain-text.js";
import { keysOfType } from "../../evaluate/task/recipe-keys.js";
import type { TaskKind } from "../../evaluate/task/task-kind.js";
import { taskKinds } from "../../evaluate/task/task-kinds.js";
import type { EvaluationRecipe, Recipe } from "../../recipe/recipe.js";
import { dataParameters } from "../graph/data-jobs.js";
import type { LocalDataset } from "../sources/local-recipe.js";
import { readFirstTaskItems } from "./check-task.js";
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
  for (const task of recipe.evaluation) {
    const kind: TaskKind = taskKinds[task.kind];
    const values: Readonly<Record<string, unknown>> = task;
    if (task.data === name) await readFirstTaskItems(data, task.split, limitOf(task), kind.itemOf.data);
    for (const key of keysOfType(kind.recipeKeys, "dataset"))
      if (values[key] === name) await readFirstTaskItems(data, "all", null, kind.itemOf[key]);
  }
}

function trainedOn({ model, tokenizer, training }: Recipe): string[] {
  const forTokenizer = tokenizer !== null && "train" in tokenizer ? tokenizer.train.data : [];
  return [...training.data, ...("pretrain" in model ? model.pretrain.data : []), ...forTokenizer];
}

/** How many of the first items a task uses; null for all. */
function limitOf(task: EvaluationRecipe): number | null {
  const [key] = keysOfType(taskKinds[task.kind].recipeKeys, "limit");
  return key === undefined ? null : ((task as Readonly<Record<string, unknown>>)[key] as number | null);
}
