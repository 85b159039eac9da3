/** A numeric parameter of a merge method. */
export interface MethodParameter {
  readonly description: string;
  readonly default: number;
  readonly minimum: number;
  /** Infinity if unbounded. */
  readonly maximum: number;
}

/** One tensor, or a chunk of it if the method is not `wholeTensor`. */
export interface TensorToMerge {
  /** File and name of the tensor, for error messages. */
  readonly where: string;
  readonly base: Float32Array;
  /** P: the parts of the merge are 0 … P−1. */
  readonly parts: number;
  /** The parts that trained this tensor, in order; at least one. */
  readonly owners: readonly number[];
  /** The tensor of a part; the base for a part that did not train it. May read a file: call it once per part. */
  readonly load: (part: number) => Float32Array;
}

/** A merge method: recipe key, parameters, documentation and implementation. `Key` are the names of its parameters. */
export interface MergeMethod<Name extends string = string, Key extends string = string> {
  /** As in recipes and records. */
  readonly name: Name;
  /** One sentence, for the documentation. */
  readonly description: string;
  /** Whether `merge` needs all elements of a tensor at once; otherwise it gets chunks, which bounds memory. */
  readonly wholeTensor: boolean;
  readonly parameters: Readonly<Record<Key, MethodParameter>>;
  /**
   * Returns the merged elements, in the shape of the base; does not modify its inputs.
   *
   * @throws StrataError if a parameter value is invalid for this tensor
   */
  merge(tensor: TensorToMerge, values: Readonly<Record<Key, number>>): Float32Array;
}

/** Methods by name. */
export type MethodTable = Readonly<Record<string, MergeMethod>>;
