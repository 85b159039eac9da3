import type { TrainingOptions, TrainingSettings } from "../train/settings.js";

/** A recipe with every default written out, as plain data: what `loadRecipe` gives and `formatRecipe` takes. */
export interface Recipe {
  readonly name: string;
  readonly seed: number;
  /** Share of the documents that no training sees: the same ones, by their text, in every data set. */
  readonly holdOut: number;
  readonly data: Readonly<Record<string, DatasetRecipe>>;
  /** Null where `model.folder` brings its own. */
  readonly tokenizer: TokenizerRecipe | null;
  readonly model: ModelRecipe;
  /** The training that is split into parts. */
  readonly training: TrainingRecipe & { readonly data: readonly string[] };
  /** What matrix products multiply, in every training and evaluation. */
  readonly dtype: "bf16" | "f32";
  /** P: how many pieces the training data is cut into, one for each worker. */
  readonly shards: number;
  /** As written; `resolveStrategies` makes them whole once the depth of the model is known. */
  readonly strategies: readonly StrategyRecipe[];
  readonly evaluation: readonly EvaluationRecipe[];
  /** Shares of the training, in (0, 1), after which strategies are evaluated on their way; ascending. */
  readonly curve: readonly number[];
  readonly machine: MachineRecipe;
}

/** `answer`: a template whose text stands behind the other one's and is tokenised apart. */
export type TextRecipe =
  | { readonly field: string }
  | { readonly template: string; readonly answer: string | null }
  | { readonly messages: string };

export type DatasetOrigin =
  /** Absolute paths. */
  | { readonly files: readonly string[] }
  | HubDatasetRecipe
  | { readonly generate: GeneratorName; readonly documents: number; readonly seed: number };

/** A data set of the Hugging Face hub. */
export interface HubDatasetRecipe {
  readonly hf: string;
  /** Null for its only or default one. */
  readonly config: string | null;
  readonly split: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
  /** Files in it, in place of config and split; null for none. */
  readonly paths: readonly string[] | null;
}

export type DatasetRecipe = DatasetOrigin & TextRecipe & DatasetUse;

export interface DatasetUse {
  /** What of a document training predicts: all of it, or its answer. */
  readonly lossOn: "all" | "answers";
  /** Only so much of the beginning is trained on; null for all. */
  readonly first: { readonly bytes: number } | { readonly documents: number } | { readonly tokens: number } | null;
  readonly duplicates: "keep" | "remove";
  /** How many bad records may be skipped. */
  readonly skipBad: number;
}

export type GeneratorName = "stories" | "problems" | "choices";

export type TokenizerRecipe =
  | {
      readonly train: {
        readonly data: readonly string[];
        readonly vocabularySize: number;
        readonly maximumBytes: number;
      };
    }
  /** An absolute path, of a tokenizer's file or the folder that holds it, or `hf:ID@REVISION`. */
  | { readonly file: string };

export type ModelRecipe =
  | { readonly random: ShapeRecipe }
  /** The absolute path of a Hugging Face folder, or `hf:ID@REVISION`. */
  | { readonly folder: string }
  | { readonly pretrain: PretrainRecipe };

export interface PretrainRecipe {
  readonly shape: ShapeRecipe;
  /** Names of data sets. */
  readonly data: readonly string[];
  readonly training: TrainingRecipe;
}

/** A Llama but for its vocabulary, which is the tokenizer's. */
export interface ShapeRecipe {
  readonly layers: number;
  readonly width: number;
  readonly queryHeads: number;
  readonly keyValueHeads: number;
  readonly headWidth: number;
  readonly feedForwardWidth: number;
  readonly tiedHead: boolean;
  readonly ropeTheta: number;
  readonly normEpsilon: number;
  readonly maximumPositions: number;
}

/** How long to train: passes over the data, optimizer steps or tokens. */
export type AmountRecipe = { readonly epochs: number } | { readonly steps: number } | { readonly tokens: number };

/** Without its data, which stands beside it. */
export interface TrainingRecipe extends TrainingSettings, TrainingOptions {
  readonly amount: AmountRecipe;
}

/** The name of a preset or a strategy written out. */
export type StrategyRecipe = string | CustomStrategyRecipe;

export interface CustomStrategyRecipe {
  readonly name: string;
  readonly windows: readonly WindowRecipe[];
  readonly rounds: number;
  readonly rotate: boolean;
  readonly keepOptimizer: boolean;
  readonly merge: MergeRecipe;
}

/** `full` or a half-open range of layers; `outer`: embedding, final norm and head train too. */
export type WindowRecipe = "full" | { readonly first: number; readonly end: number; readonly outer: boolean };

export interface MergeRecipe {
  readonly method: "linear" | "slerp" | "ties" | "union";
  readonly ownShare: number;
  readonly density: number;
  readonly scale: number;
  readonly outer: { readonly learningRate: number; readonly momentum: number } | null;
}

interface EvaluationCommon {
  readonly name: string;
  readonly data: string;
  /** `validation`: the held-out documents only. */
  readonly split: "validation" | "all";
}

export type EvaluationRecipe =
  | (EvaluationCommon & { readonly kind: "loss"; readonly documents: number | null })
  | (EvaluationCommon & { readonly kind: "multiple-choice"; readonly items: number | null })
  | (EvaluationCommon & {
      readonly kind: "exact-match";
      readonly items: number | null;
      readonly fewShot: number;
      readonly fewShotData: string | null;
      readonly maximumTokens: number;
    });

export interface MachineRecipe {
  readonly device: "auto" | "native" | "reference";
  /** Of one job. */
  readonly threads: number | "auto";
  /** Jobs at a time. */
  readonly parallel: number | "auto";
}
