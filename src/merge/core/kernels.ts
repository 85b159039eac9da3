import type { MergeDType } from "./merge-dtype.js";
import type { TaskVectorKernels } from "./task-vector-kernels.js";

/** The dtypes of tensors in files that merge. */
export type StoredDType = "f32" | "bf16" | "f16" | "f64";

/** Elements as they stand in a file; the bytes may be unaligned. */
export interface StoredVector {
  readonly bytes: Uint8Array;
  readonly stored: "f32" | "bf16" | "f16";
}

export type MergeVector = Float32Array | StoredVector;

/** How the elements of a matrix share numbers: those of a row have one, or those of a column. */
export interface Groups {
  readonly rows: number;
  readonly columns: number;
  readonly of: "rows" | "columns";
}

/** Sums of products of two vectors, one sum per group. */
export interface Products {
  readonly a: MergeVector;
  readonly b: MergeVector;
  /** One per group. Elements are divided by it first, and rounded. */
  readonly aDivisors?: Float32Array;
  readonly bDivisors?: Float32Array;
  readonly groups: Groups;
  /** Of the quotients, and of the products unless `isExact`. */
  readonly dtype: MergeDType;
  readonly isExact: boolean;
}

/** A sum of several vectors with a factor of each group. */
export interface GroupedSum {
  readonly inputs: readonly MergeVector[];
  /** factors[input][group] */
  readonly factors: readonly Float32Array[];
  /** One per group. */
  readonly divisors?: Float32Array;
  readonly groups: Groups;
  readonly dtype: MergeDType;
  /** Of the sum and the quotient, if it is not that of the products. */
  readonly result?: MergeDType;
}

/**
 * Arithmetic of merging over vectors of the same length: in C++ on all threads, and in TypeScript as its oracle and
 * where there is no addon. `dtype` is what each elementwise result is rounded to, to nearest even; the elements of the
 * inputs already have it. Factors and divisors are f32 and are not rounded. Results depend neither on the number of
 * threads nor on the instruction set. `out` of the right length is filled and returned instead of a new array; it may
 * be an input.
 */
export interface MergeKernels extends TaskVectorKernels {
  /** The f32 values of bytes of a stored dtype, rounded to `dtype`. */
  decode(bytes: Uint8Array, stored: StoredDType, dtype: MergeDType, out?: Float32Array): Float32Array;
  /** The bytes of values in a dtype. */
  encode(values: Float32Array, stored: "f32" | "bf16" | "f16", out?: Uint8Array): Uint8Array;
  /** Σ weightᵢ · inputᵢ / divisor: products rounded, their sum in f32 and rounded once, the quotient too. */
  weightedSum(
    inputs: readonly MergeVector[],
    weights: readonly number[],
    divisor: number,
    dtype: MergeDType,
    out?: Float32Array,
  ): Float32Array;
  /** `weightedSum` with factors and divisors of rows or columns. */
  groupedSum(sum: GroupedSum, out?: Float32Array): Float32Array;
  /** input − base, rounded. */
  difference(input: MergeVector, base: MergeVector, dtype: MergeDType, out?: Float32Array): Float32Array;
  /** [i · n + j] = Σ inputᵢ · inputⱼ in f64, summed in a fixed order. */
  gram(inputs: readonly MergeVector[]): Float64Array;
  /** Adds to `sums` the products of each group, in f64 and in a fixed order. */
  addProducts(products: Products, sums: Float64Array): void;
  /** Whether all vectors are the same bit for bit. */
  areSame(inputs: readonly MergeVector[]): boolean;
  /** w · other + (1 − w) · base with w = clamp(t / max(|base − other|, 1e-6), 0, 1). */
  nearest(base: MergeVector, other: MergeVector, t: number, dtype: MergeDType, out?: Float32Array): Float32Array;
  /**
   * Of each row: the Kullback–Leibler divergence of the softmax of `model` from that of `base`, with 1e-8 added.
   *
   * @param dtypes  of `model` and of `base`; what is computed of both is f32 if they differ
   */
  divergences(
    model: MergeVector,
    base: MergeVector,
    dtypes: readonly [MergeDType, MergeDType],
    rows: number,
  ): Float32Array;
  /** |model − base| times the divergence of the row. */
  importances(
    model: MergeVector,
    base: MergeVector,
    divergences: Float32Array,
    dtype: MergeDType,
    out?: Float32Array,
  ): Float32Array;
  /** `base`, plus model − base where the importance is at least the threshold; this sum is f32. */
  fuse(
    model: MergeVector,
    base: MergeVector,
    importances: Float32Array,
    threshold: number,
    dtype: MergeDType,
    out?: Float32Array,
  ): Float32Array;
}

export function lengthOf(vector: MergeVector): number {
  if (vector instanceof Float32Array) return vector.length;
  return vector.bytes.length / (vector.stored === "f32" ? 4 : 2);
}
