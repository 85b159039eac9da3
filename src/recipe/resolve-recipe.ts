import type {
  CustomStrategyRecipe,
  DatasetRecipe,
  GeneratorName,
  ModelRecipe,
  Recipe,
  ShapeRecipe,
  TextRecipe,
  TokenizerRecipe,
  TrainingRecipe,
  WindowRecipe,
} from "./recipe.js";
import { datasetPresets } from "./dataset-presets.js";
import { defaultMicroBatch } from "../train/micro-batch.js";
import type { Path } from "./issue.js";
import type { WrittenDataset, WrittenRecipe, WrittenShape, WrittenStrategy, WrittenTraining } from "./schema.js";
import { parseBytes } from "./schema-values.js";
import { rememberPlaces } from "./places.js";
import { parseWindow } from "./window.js";

export interface ResolveOptions {
  readonly defaultName: string;
  /** The absolute path of a file named at a place of the recipe; `hf:ID` stays as it is. */
  readonly resolvePath: (file: string, at: Path) => string;
  readonly where: (at: Path) => string;
}

/** Writes out the defaults that depend on other keys. */
export function resolveRecipe(written: WrittenRecipe, { defaultName, resolvePath, where }: ResolveOptions): Recipe {
  const data = Object.entries(written.data).map(([name, set]) => [
    name,
    resolveDataset(name, set, written.seed, resolvePath),
  ]);
  const recipe: Recipe = {
    name: written.name ?? defaultName,
    seed: written.seed,
    holdOut: written.holdOut,
    data: Object.fromEntries(data) as Record<string, DatasetRecipe>,
    tokenizer: written.tokenizer ? resolveTokenizer(written.tokenizer, resolvePath) : null,
    model: resolveModel(written.model, resolvePath),
    training: { ...resolveTraining(written.training), data: listOf(written.training.data) },
    dtype: written.dtype,
    shards: written.shards,
    strategies: written.strategies.map((strategy) =>
      typeof strategy === "string" ? strategy : resolveStrategy(strategy),
    ),
    evaluation: written.evaluation,
    curve: [...new Set(written.curve)].sort((a, b) => a - b),
    machine: written.machine,
  };
  rememberPlaces(recipe, where);
  return recipe;
}

function listOf<T>(one: T | T[]): T[] {
  return Array.isArray(one) ? one : [one];
}

function resolveDataset(
  name: string,
  set: WrittenDataset,
  seed: number,
  resolvePath: ResolveOptions["resolvePath"],
): DatasetRecipe {
  const { lossOn, duplicates, skipBad } = set;
  const first = set.first && "bytes" in set.first ? { bytes: parseBytes(set.first.bytes) } : set.first;
  const use = { ...resolveText(set), lossOn, first, duplicates, skipBad };
  if ("generate" in set) return { generate: set.generate, documents: set.documents, seed: set.seed ?? seed, ...use };
  if ("hf" in set) {
    const { hf, config, split, revision, paths } = set;
    return { hf, config, split, revision, paths: paths === null ? null : listOf(paths), ...use };
  }
  if ("preset" in set) {
    const { hf, config, split } = datasetPresets[set.preset];
    const { revision, paths } = set;
    return {
      hf,
      config: set.config ?? config,
      split: set.split ?? split,
      revision,
      paths: paths === null ? null : listOf(paths),
      ...use,
    };
  }
  const at = ["data", name, "files"];
  const files = Array.isArray(set.files)
    ? set.files.map((file, i) => resolvePath(file, [...at, i]))
    : [resolvePath(set.files, at)];
  return { files, ...use };
}

const generatedText: Readonly<Record<GeneratorName, TextRecipe>> = {
  stories: { field: "text" },
  problems: { template: "Question: {question}\nAnswer: {answer}", answer: null },
  choices: { field: "query" },
};

function resolveText(set: WrittenDataset): TextRecipe {
  if (set.template !== undefined) return { template: set.template, answer: set.answer };
  if (set.field !== undefined) return { field: set.field };
  if (set.messages !== undefined) return { messages: set.messages };
  if ("preset" in set) return datasetPresets[set.preset].text;
  return "generate" in set ? generatedText[set.generate] : { field: "text" };
}

function resolveTokenizer(
  tokenizer: NonNullable<WrittenRecipe["tokenizer"]>,
  resolvePath: ResolveOptions["resolvePath"],
): TokenizerRecipe {
  if ("file" in tokenizer) return { file: resolvePath(tokenizer.file, ["tokenizer", "file"]) };
  return { train: { ...tokenizer.train, data: listOf(tokenizer.train.data) } };
}

function resolveModel(model: WrittenRecipe["model"], resolvePath: ResolveOptions["resolvePath"]): ModelRecipe {
  if ("folder" in model) return { folder: resolvePath(model.folder, ["model", "folder"]) };
  if ("random" in model) return { random: resolveShape(model.random) };
  const { shape, data, training } = model.pretrain;
  return { pretrain: { shape: resolveShape(shape), data: listOf(data), training: resolveTraining(training) } };
}

function resolveTraining(training: WrittenTraining): TrainingRecipe {
  return {
    ...training,
    microBatch: training.microBatch ?? defaultMicroBatch(training.batchSize, training.sequenceLength),
  };
}

function resolveShape(shape: WrittenShape): ShapeRecipe {
  const { layers, width, queryHeads, tiedHead, ropeTheta, normEpsilon, maximumPositions } = shape;
  return {
    layers,
    width,
    queryHeads,
    keyValueHeads: shape.keyValueHeads ?? queryHeads,
    headWidth: shape.headWidth ?? width / queryHeads,
    feedForwardWidth: shape.feedForwardWidth ?? Math.max(32, Math.round((8 * width) / 3 / 32) * 32),
    tiedHead,
    ropeTheta,
    normEpsilon,
    maximumPositions,
  };
}

function resolveStrategy(strategy: WrittenStrategy): CustomStrategyRecipe {
  return { ...strategy, windows: strategy.windows.map((window) => parseWindow(window) as WindowRecipe) };
}
