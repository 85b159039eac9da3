import { depthOf, layersOf } from "../defaults/depth.js";
import { vocabSizeOfLayers } from "../defaults/depth-rules.js";
import { defaultShards } from "../defaults/shards.js";
import { describeDefaults, rememberDefaults } from "../defaults/taken-defaults.js";
import { defaultTrainingData } from "../defaults/training-data.js";
import type { Path } from "../errors/issue.js";
import { rememberPlaces } from "../places.js";
import type { EvaluationRecipe, Recipe, TokenizerRecipe } from "../recipe.js";
import { trainedTokenizer, type WrittenRecipe } from "../schema/recipe.js";
import { resolveDataset } from "./resolve-dataset.js";
import { resolveEvaluation } from "./resolve-evaluation.js";
import { resolveModel, resolveTraining } from "./resolve-model.js";

export interface ResolveOptions {
  readonly defaultName: string;
  /** The absolute path of a file in the recipe at `at`; `hf:ID` is not changed. */
  readonly resolvePath: (file: string, at: Path) => string;
  readonly where: (at: Path) => string;
}

/** Fills in the defaults that depend on other keys. */
export function resolveRecipe(written: WrittenRecipe, { defaultName, resolvePath, where }: ResolveOptions): Recipe {
  const depth = depthOf(written);
  const seed = written.seeds ? undefined : written.seed;
  const data = Object.fromEntries(
    Object.entries(written.data).map(([name, set]) => [name, resolveDataset(name, set, seed, resolvePath)]),
  );
  const trainingData = written.training.data ?? defaultTrainingData(written);
  const { evaluation, data: ofTasks } = written.evaluation
    ? resolveEvaluation(written.evaluation, resolvePath, where)
    : { evaluation: written.holdOut > 0 ? defaultEvaluation(trainingData) : [], data: {} };
  const recipe: Recipe = {
    ...written,
    name: written.name ?? defaultName,
    seed: written.seeds?.[0] ?? written.seed,
    // Those of the recipe come first, and replace those of tasks with the same name.
    data: { ...data, ...ofTasks, ...data },
    tokenizer: resolveTokenizer(written, trainingData, resolvePath),
    model: resolveModel(written.model, depth, resolvePath),
    training: { ...resolveTraining(written.training, depth), data: trainingData },
    shards: written.shards ?? defaultShards(written),
    evaluation,
  };
  rememberPlaces(recipe, where);
  rememberDefaults(recipe, describeDefaults(written, recipe));
  return recipe;
}

function resolveTokenizer(
  { tokenizer, model }: WrittenRecipe,
  trainingData: readonly string[],
  resolvePath: ResolveOptions["resolvePath"],
): TokenizerRecipe | null {
  if (tokenizer && "file" in tokenizer) return { file: resolvePath(tokenizer.file, ["tokenizer", "file"]) };
  if (tokenizer) return tokenizer;
  if ("folder" in model) return null;
  const data = [...new Set([...("pretrain" in model ? model.pretrain.data : []), ...trainingData])];
  const vocabSize = vocabSizeOfLayers(layersOf({ model }) as number);
  return { train: trainedTokenizer.parse({ data, vocabSize }) };
}

/** A loss on the held-out documents of each training data set. */
function defaultEvaluation(trainingData: readonly string[]): EvaluationRecipe[] {
  return trainingData.map((name) => ({
    name: trainingData.length === 1 ? "loss" : `${name}-loss`,
    kind: "loss",
    data: [name],
    split: "validation",
    documents: null,
  }));
}
