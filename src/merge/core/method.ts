import type { MergeKernels, StoredVector } from "./kernels.js";
import type { MergeDType } from "./merge-dtype.js";
import type { RandomStream } from "./random-stream.js";

export type { MergeDType } from "./merge-dtype.js";

/** A parameter of a merge method; booleans are 0 and 1. */
export interface MethodParameter {
  readonly description: string;
  readonly type: "number" | "boolean";
  /** Null: a value is required. `undefined` as a value of an optional parameter without a default, such as `scale`. */
  readonly default: number | null | undefined;
  /** Of a number; −Infinity and Infinity if unbounded. */
  readonly minimum: number;
  readonly maximum: number;
}

export type MethodParameters = Readonly<Record<string, MethodParameter>>;

/** Values of parameters; a key without a value is absent. */
export type ParameterValues = Readonly<Record<string, number>>;

/** The inputs that a method takes beside the base. */
export interface InputRule {
  /** `member`: the base is one of the inputs that are counted. */
  readonly base: "none" | "optional" | "required" | "member";
  readonly minimum: number;
  /** Infinity if unbounded. */
  readonly maximum: number;
}

/** One model's tensor. */
export interface MergeInput {
  /** The model, for messages. */
  readonly label: string;
  /** Values of `inputParameters`. */
  readonly values: ParameterValues;
  /** Of its elements, where they have fewer values than the dtype of the tensor; by default they have that. */
  readonly dtype?: MergeDType;
  /** Whether the model trained this tensor, where the plan says so. */
  readonly isOwner?: boolean;
  /**
   * Elements [from, from + count) in row-major order of `TensorToMerge.shape`, rounded to its dtype. May be called
   * several times, in any order; the caller may change the result.
   *
   * @param out  may be filled and returned instead of a new array, if it has `count` elements
   */
  read(from: number, count: number, out?: Float32Array): Float32Array;
  /**
   * The same elements as bytes of the file, which the caller does not change. Only where their dtype is that of the
   * tensor, or the tensor's is f32: it saves a copy.
   */
  readStored?(from: number, count: number): StoredVector;
}

/** One output tensor of a merge and what it is made of. */
export interface TensorToMerge {
  /** Model and name of the tensor, for error messages. */
  readonly where: string;
  /** The same for all inputs. */
  readonly shape: readonly number[];
  /** Number of elements. */
  readonly length: number;
  readonly dtype: MergeDType;
  /** In the order of the configuration; with the base only where it is an input (`InputRule.base` member or none). */
  readonly inputs: readonly MergeInput[];
  readonly base: MergeInput | null;
  /** Values of `parameters`. */
  readonly values: ParameterValues;
  readonly kernels: MergeKernels;
  /** The random numbers of the whole merge: tensors and inputs consume them in order. */
  readonly random: RandomStream;
  /** Upstream's behaviour where Strata's is safer. */
  readonly isCompatible: boolean;
  /** Says what the user should know about this tensor; equal notes of many tensors are shown once. */
  note(text: string): void;
}

/** A merge method. One line in the table of methods makes it known to configurations, checks and documentation. */
export interface MergeMethod {
  /** As in configurations. */
  readonly name: string;
  /** As on model cards. */
  readonly label: string;
  /** What it does, in a sentence or two. */
  readonly concept: string;
  /** When to choose it, in a sentence. */
  readonly use: string;
  /** The paper or program that it is from, with its address. */
  readonly source: string;
  readonly inputs: InputRule;
  /** Of the whole merge: a value given for one model is ignored. */
  readonly parameters: MethodParameters;
  /** Of each input. */
  readonly inputParameters: MethodParameters;
  /** Whether it takes random numbers. */
  readonly isRandom?: boolean;
  /**
   * The dtype of the arithmetic where inputs have several: the one to which all can be promoted, or that of the base
   * or of
   * the first input. Default: that of the base if there has to be one, else `promote`.
   */
  readonly mixedDTypes?: "promote" | "base" | "first";
  /**
   * With `isCompatible`, an embedding with other sizes is cropped to those that all have, or to the base's; then a
   * model
   * with another shape of another tensor is skipped. Default: other shapes are errors.
   */
  readonly croppedTo?: "common" | "base";
  /**
   * The dtype of the result, if it is not the one of the arithmetic.
   *
   * @param inputs  their dtypes; by default, several of this one
   */
  resultDType?(dtype: MergeDType, inputs?: readonly MergeDType[]): MergeDType;
  /**
   * Refuses, without reading an element, what `merge` would refuse whatever the elements are.
   *
   * @throws StrataError (MergeError)
   */
  check?(tensor: TensorToMerge): void;
  /**
   * The merged tensor in chunks, in order, of at most `chunkElements` elements each, or of one row if that is longer. A
   * chunk is valid until the next one is asked for: its memory is used again. Streams its inputs as often as it needs;
   * keeps no more than a few chunks in memory. Pure: the same inputs and random numbers give the same result.
   *
   * @throws StrataError (MergeError) that names the tensor and what is wrong
   */
  merge(tensor: TensorToMerge): Iterable<Float32Array>;
}

/** Elements of a chunk. */
export const chunkElements = 1 << 20;
