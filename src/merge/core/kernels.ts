import type { MergeDType } from "./merge-dtype.js";
import type { TaskVectorKernels } from "./task-vector-kernels.js";

/**
 * Arithmetic of merging over vectors of the same length: in C++ on all threads, and in TypeScript as its oracle and where
 * there is no addon. `dtype` is what each elementwise result is rounded to; inputs are f32 vectors whose values already
 * have it. Results do not depend on the number of threads.
 */
export interface MergeKernels extends TaskVectorKernels {
  /** The f32 values of bytes of a stored dtype, rounded to `dtype`. */
  decode(bytes: Uint8Array, stored: "f32" | "bf16" | "f16" | "f64", dtype: MergeDType): Float32Array;
  /** The bytes of values in a dtype, rounded to nearest even. */
  encode(values: Float32Array, stored: "f32" | "bf16" | "f16"): Uint8Array;
  /** Σ weightᵢ · inputᵢ / divisor: each product rounded, the sum accumulated in f32 and rounded once, as is the quotient. */
  weightedSum(
    inputs: readonly Float32Array[],
    weights: readonly number[],
    divisor: number,
    dtype: MergeDType,
  ): Float32Array;
  /** inputs − base, rounded. */
  difference(input: Float32Array, base: Float32Array, dtype: MergeDType): Float32Array;
  /** [i · n + j] = Σ inputᵢ · inputⱼ in f64, summed in a fixed order. */
  gram(inputs: readonly Float32Array[]): Float64Array;
}
