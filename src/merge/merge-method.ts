/** A number that a merge method takes, with its default and the range that it must be in. */
export interface MethodParameter {
  readonly description: string;
  readonly default: number;
  readonly minimum: number;
  /** Infinity where there is none. */
  readonly maximum: number;
}

/** One tensor as a method sees it: whole, or a run of its elements where the method does not need the whole. */
export interface TensorToMerge {
  /** File and name of the tensor, for messages. */
  readonly where: string;
  readonly base: Float32Array;
  /** P: the parts of the merge are 0 … P−1. */
  readonly parts: number;
  /** The parts that trained this tensor, in order; at least one. */
  readonly owners: readonly number[];
  /** The tensor of a part; the base for a part that did not train it. May read the file, so call it once a part. */
  readonly load: (part: number) => Float32Array;
}

/** How parts become one model: everything that the program knows about a method. `Key` are the names of its parameters. */
export interface MergeMethod<Name extends string = string, Key extends string = string> {
  /** As recipes and records write it. */
  readonly name: Name;
  /** One sentence, for the documentation. */
  readonly description: string;
  /** Whether `merge` needs all elements of a tensor at once; else it gets runs of them, which bounds memory. */
  readonly wholeTensor: boolean;
  readonly parameters: Readonly<Record<Key, MethodParameter>>;
  /**
   * The merged elements, as many as the base has; the inputs are not modified.
   *
   * @throws StrataError if a parameter does not suit this tensor
   */
  merge(tensor: TensorToMerge, values: Readonly<Record<Key, number>>): Float32Array;
}

/** Methods by name. */
export type MethodTable = Readonly<Record<string, MergeMethod>>;
