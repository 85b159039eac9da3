import type { MergeMethod } from "../merge-method.js";
import { mergePairs } from "../tree.js";
import { trainedShare } from "./shared-parameters.js";

export const linearMethod: MergeMethod<"linear", "trainedShare"> = {
  name: "linear",
  description: "Merges adjacent parts in pairs, by the weighted mean of their weights.",
  wholeTensor: false,
  parameters: { trainedShare },
  merge: (tensor, values) => mergePairs(tensor, values.trainedShare, lerp),
};

/** Whether two tensors are equal bit for bit, so that any interpolation returns the same tensor. */
export function isSame(a: Float32Array, b: Float32Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  const aBits = new Uint32Array(a.buffer, a.byteOffset, a.length);
  const bBits = new Uint32Array(b.buffer, b.byteOffset, b.length);
  for (let i = 0; i < aBits.length; i++) if (aBits[i] !== bBits[i]) return false;
  return true;
}

/** @throws RangeError unless all tensors have the same length */
export function checkLengths(tensors: readonly Float32Array[]): void {
  if (tensors.length === 0) throw new RangeError("a merge needs at least one tensor");
  for (const { length } of tensors) {
    if (length !== tensors[0].length)
      throw new RangeError(`tensors of ${tensors[0].length} and ${length} elements cannot be merged`);
  }
}

/**
 * (1 − t)·a + t·b. Exactly a at t = 0, b at t = 1, and a where both are equal.
 *
 * @param t  share of b; outside [0, 1] it extrapolates
 */
export function lerp(a: Float32Array, b: Float32Array, t: number): Float32Array {
  checkLengths([a, b]);
  if (t === 0) return a.slice();
  if (t === 1) return b.slice();
  const out = new Float32Array(a.length);
  for (let i = 0; i < out.length; i++) out[i] = a[i] === b[i] ? a[i] : (1 - t) * a[i] + t * b[i];
  return out;
}

/**
 * Σ weightᵢ·tensorᵢ, divided by Σ weightᵢ if `normalize`. Tensors of weight 0 are skipped.
 *
 * @throws RangeError if `normalize` and the weights sum to 0
 */
export function linear(tensors: readonly Float32Array[], weights: readonly number[], normalize = true): Float32Array {
  checkLengths(tensors);
  if (weights.length !== tensors.length)
    throw new RangeError(`expected ${tensors.length} weights, one per tensor, got ${weights.length}`);
  const total = normalize ? weights.reduce((sum, weight) => sum + weight, 0) : 1;
  if (total === 0) throw new RangeError("normalized weights must not sum to 0");
  const used = tensors.map((tensor, i) => ({ tensor, weight: weights[i] })).filter(({ weight }) => weight !== 0);
  if (used.length === 1 && used[0].weight === total) return used[0].tensor.slice();
  const out = new Float32Array(tensors[0].length);
  for (let i = 0; i < out.length; i++) {
    // Start at −0 to keep the sign of zeros: −0 + x is x.
    let sum = -0;
    for (const { tensor, weight } of used) sum += weight * tensor[i];
    out[i] = sum / total;
  }
  return out;
}
