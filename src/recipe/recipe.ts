import type { WrittenFiles, WrittenHub, WrittenSynthetic } from "./schema/data.js";
import type { WrittenLoss, WrittenTask } from "./schema/evaluation.js";
import type { WrittenExplicitShape, WrittenModel } from "./schema/model.js";
import type { WrittenRecipe, WrittenTokenizer } from "./schema/recipe.js";
import type { WrittenSearch } from "./schema/search.js";
import type { TextKey, TextRecipe } from "./schema/text.js";
import type { WrittenTraining } from "./schema/training.js";

/**
 * A recipe with every default written out, as plain data: what `loadRecipe` gives and `formatRecipe` takes. Derived
 * from the schema of the written form: every optional key is present, and the shorthands are gone.
 */
export type Recipe = Plain<
  Omit<Required<WrittenRecipe>, "data" | "tokenizer" | "model" | "training" | "evaluation" | OptionalKey> & {
    /** Absent in a recipe with one seed; `seed` is then the first of them. */
    seeds?: number[];
    search?: SearchRecipe;
    data: Record<string, DatasetRecipe>;
    /** Null where `model.folder` brings its own. */
    tokenizer: TokenizerRecipe | null;
    model: ModelRecipe;
    training: TrainingRecipe & { data: string[] };
    evaluation: EvaluationRecipe[];
  }
>;

export type { TextRecipe };

type OptionalKey = "seeds" | "search";

/** The definition of a search. */
export type SearchRecipe = Plain<WrittenSearch>;

/** Read-only at every depth. */
type Plain<T> = T extends readonly (infer U)[]
  ? readonly Plain<U>[]
  : T extends object
    ? { readonly [K in keyof T]: Plain<T[K]> }
    : T;

/** One form of a union, by its key. */
type FormOf<T, K extends PropertyKey> = Extract<T, Record<K, unknown>>;

type DatasetUse = Omit<WrittenFiles, FilesKey | TextKey>;

type FilesKey = "files" | "separator";

/** A data set of the Hugging Face hub. */
export type HubDatasetRecipe = Plain<Omit<WrittenHub, keyof WrittenFiles>>;
type DatasetOrigin =
  /** Absolute paths. */
  | Pick<WrittenFiles, FilesKey>
  | HubDatasetRecipe
  | (Required<Omit<WrittenSynthetic, keyof WrittenFiles | "seed">> &
      /** Absent only in a recipe with `seeds` whose data follow them. */
      Pick<WrittenSynthetic, "seed">);
export type DatasetRecipe = Plain<DatasetOrigin & TextRecipe & DatasetUse>;
export type SyntheticName = WrittenSynthetic["synthetic"];

/** `file`: an absolute path, or `hf:ID@REVISION`. */
export type TokenizerRecipe = Plain<WrittenTokenizer>;

/** `folder`: an absolute path, or `hf:ID@REVISION`. */
export type ModelRecipe = Plain<
  { random: ShapeRecipe } | FormOf<WrittenModel, "folder"> | { pretrain: PretrainRecipe }
>;
type PretrainRecipe = Omit<FormOf<WrittenModel, "pretrain">["pretrain"], "shape" | "training"> & {
  shape: ShapeRecipe;
  training: TrainingRecipe;
};

/** All of a Llama except its vocabulary, which is the tokenizer's. */
export type ShapeRecipe = Plain<Required<WrittenExplicitShape>>;

/** Without its data. */
export type TrainingRecipe = Plain<Required<WrittenTraining>>;

/** The name of a preset or a custom strategy. */
export type StrategyRecipe = Recipe["strategies"][number];
/** What every model is scored on. */
export type EvaluationRecipe = LossRecipe | TaskRecipe;
export type LossRecipe = Plain<WrittenLoss>;

/** `task`: a name, or the absolute path of a task file. */
export type TaskRecipe = Plain<Required<Omit<WrittenTask, "data">>> & { readonly data: string };
