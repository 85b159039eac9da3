import type { FileReader } from "../inputs/file-reader.js";
import type { MergeDType, ParameterValues } from "../core/method.js";
import type { MergeConfig } from "../config/merge-config.js";
import type { InputModel } from "../inputs/open-model.js";
import type { PlannedVocabulary } from "./plan-vocabulary.js";
import type { InputTensor } from "../inputs/input-tensor.js";
import type { Load } from "./order/merge-order.js";

/** A tensor that a method merges. */
export interface PlannedInput {
  readonly model: InputModel;
  readonly tensor: InputTensor;
  readonly values: ParameterValues;
  /** To which its values are rounded when they are read. */
  readonly dtype: MergeDType;
}

interface OutputTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** The dtype's name in the header of the output. */
  readonly tag: string;
  readonly byteLength: number;
  /** What is read for it, in the order of the configuration. */
  readonly loads: readonly Load[];
  /** Whether its rows follow a new vocabulary. */
  readonly isReindexed: boolean;
}

export interface MergedTensor extends OutputTensor {
  readonly kind: "merge";
  readonly length: number;
  /** Of the arithmetic. */
  readonly dtype: MergeDType;
  /** In the order of the configuration. */
  readonly inputs: readonly PlannedInput[];
  readonly base: PlannedInput | null;
  readonly values: ParameterValues;
}

/** A tensor of no floating-point type, equal in all inputs. */
export interface CopiedTensor extends OutputTensor {
  readonly kind: "copy";
  readonly source: InputTensor;
}

export type PlannedTensor = MergedTensor | CopiedTensor;

/** One file of weights. */
export interface PlannedShard {
  readonly name: string;
  /** In the order of their names, which is that of the data. */
  readonly tensors: readonly PlannedTensor[];
}

export interface MergePlan {
  readonly config: MergeConfig;
  /** In the order of the configuration, an unlisted base last. */
  readonly models: readonly InputModel[];
  /** The model whose configuration and tokenizer the output gets: the base, or the first one. */
  readonly donor: InputModel;
  /** In the order of their names. */
  readonly tensors: readonly PlannedTensor[];
  /** The same in the order in which they are merged and consume random numbers. */
  readonly sequence: readonly PlannedTensor[];
  readonly shards: readonly PlannedShard[];
  readonly totalBytes: number;
  /** Members of config.json that differ from the donor's. */
  readonly configChanges: Readonly<Record<string, unknown>>;
  /** Null: the tokenizer's files are copied from the donor. */
  readonly vocabulary: PlannedVocabulary | null;
  /** Null: that of the copied tokenizer. */
  readonly chatTemplate: string | null;
  /** By which the tensors of the models are read and verified. */
  readonly files: FileReader;
  readonly isCompatible: boolean;
  readonly seed: number;
  readonly copiesTokenizer: boolean;
  readonly writesModelCard: boolean;
  readonly notes: readonly string[];
}
