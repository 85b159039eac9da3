import type { MergeDType } from "./merge-dtype.js";

/**
 * A range of a tensor's elements in ascending order of magnitude, equal ones in order of index. Magnitudes are the
 * bits of
 * f32 numbers without their signs, which have the order of the numbers.
 */
export interface MagnitudeRange {
  /** Smaller magnitudes are outside. */
  readonly low: number;
  /** Of the elements of magnitude `low`, those from this one up to but not including `lowEnd` are inside. */
  readonly lowFirst: number;
  readonly lowEnd: number;
  /**
   * Greater magnitudes are outside; `noMagnitude` if none are. Of those of this magnitude, the first `highEnd` are
   * inside.
   */
  readonly high: number;
  readonly highEnd: number;
}

/** Above the bits of every magnitude. */
export const noMagnitude = 2 ** 31;

/** How many elements of magnitude `low` and `high` have gone by. */
export interface SeenEquals {
  low: number;
  high: number;
}

export interface MixOptions {
  /** One per input, rounded to the dtype. */
  readonly weights: readonly number[];
  /**
   * Which changes an element's sum takes: `none` all, the others those with the sign of the sum of weighted changes
   * or of
   * the changes. A sum of 0 elects +; changes of 0 are never taken.
   */
  readonly vote: "none" | "weighted" | "changes";
  /**
   * `none`: the sum stays; `fixed`: by `divisor`; `elected`: by the sum of the weights of the changes that are taken.
   */
  readonly division: "none" | "fixed" | "elected";
  /** Of the dtype. Of `elected`: the least divisor; 0: a divisor of 0 is replaced by 1. */
  readonly divisor: number;
  /** Factor of the sum. */
  readonly lambda: number;
}

/**
 * Arithmetic of task vectors. `changes` holds the changes of all inputs for the same elements, input by input; each
 * result
 * of an elementwise operation is rounded to `dtype`, sums over inputs are accumulated in f32 and rounded once, sums
 * over
 * elements are f64. Results depend neither on the number of threads nor on the instruction set. `out` of the right
 * length
 * is filled and returned instead of a new array.
 */
export interface TaskVectorKernels {
  /**
   * Counts magnitudes by the upper 15 of their 31 bits, or, if these are given, those that have them by the lower 16
   * bits.
   *
   * @param totals  [2^15 or 2^16]; the counts are added
   */
  countMagnitudes(totals: Float64Array, values: Float32Array, upper: number | null): void;
  /** Sets the elements outside the range to 0. @param seen  updated, for a tensor that comes in blocks */
  keepRange(values: Float32Array, range: MagnitudeRange, seen: SeenEquals): void;
  /** Sets to 0 where `mask` is 0. */
  keepWhere(values: Float32Array, mask: Float32Array): void;
  /** Takes `count` outputs of a Mersenne Twister, as `fillWords`. */
  fillWords(state: Uint32Array, out: Uint32Array | null, count: number): void;
  /** Sets an element to 0 unless the lower 24 bits of its word are below `bound`. */
  keepAtRandom(values: Float32Array, words: Uint32Array, bound: number): void;
  /**
   * The same with a bound per rank of the magnitude in its row, from the smallest; equal ones in order of index.
   *
   * @param values  [groups, bounds.length, stride]: a row has the elements of a group that are `stride` apart
   */
  keepByRank(values: Float32Array, words: Uint32Array, bounds: Uint32Array, stride: number): void;
  /** Σ |value| */
  magnitudeSum(values: Float32Array): number;
  /** Σ value², each rounded to the dtype. */
  squareSum(values: Float32Array, dtype: MergeDType): number;
  /** values · factor, in place. */
  scale(values: Float32Array, factor: number, dtype: MergeDType): void;
  /** base + lambda · Σ weightᵢ · changeᵢ / divisor; an element whose sum is 0 stays as it is. */
  mixChanges(
    base: Float32Array,
    changes: Float32Array,
    options: MixOptions,
    dtype: MergeDType,
    out?: Float32Array,
  ): Float32Array;
  /** Each element's population variance over the inputs, computed in f64. */
  variance(changes: Float32Array, inputs: number, dtype: MergeDType): Float32Array;
  /**
   * Adds to totals[2i] in how many elements input i has a change above epsilon together with others, to [2i + 1] in how
   * many alone.
   */
  countShared(totals: Float64Array, changes: Float32Array, epsilon: number): void;
  /**
   * base + the changes above epsilon: a sole one, multiplied by its input's factor, or the mean of several. NaN where a
   * change is not finite.
   *
   * @param factors  null: 1, and the result has the dtype; otherwise products, sum and result are f32
   */
  mixShared(
    base: Float32Array,
    changes: Float32Array,
    epsilon: number,
    factors: readonly number[] | null,
    dtype: MergeDType,
    out?: Float32Array,
  ): Float32Array;
}
