import type { MergeMethod } from "../merge-method.js";
import { mergePairs } from "../tree.js";
import { checkLengths, isSame, lerp } from "./linear.js";
import { trainedShare } from "./shared-parameters.js";

export const slerpMethod: MergeMethod<"slerp", "trainedShare"> = {
  name: "slerp",
  description: "Merges adjacent parts in pairs, by spherical linear interpolation of their weights.",
  wholeTensor: true,
  parameters: { trainedShare },
  merge: (tensor, values) => mergePairs(tensor, values.trainedShare, slerp),
};

/** Above this |cosine|, `lerp` replaces spherical interpolation. */
const colinear = 0.9995;
/** Vectors with at most this norm are not normalized. */
const smallestNorm = 1e-8;

/**
 * Spherical linear interpolation of two tensors as flat vectors with angle θ between them:
 * sin((1 − t)θ)/sin θ · a + sin(tθ)/sin θ · b; `lerp` if |cos θ| > 0.9995, which holds for almost all checkpoints with
 * a common ancestor. Exactly a at t = 0, b at t = 1, and a if both are equal.
 *
 * @param t  share of b; outside [0, 1] it extrapolates
 * @see Shoemake 1985, https://doi.org/10.1145/325165.325242
 */
export function slerp(a: Float32Array, b: Float32Array, t: number): Float32Array {
  checkLengths([a, b]);
  if (t === 0 || isSame(a, b)) return a.slice();
  if (t === 1) return b.slice();
  const cosine = cosineOf(a, b);
  if (Math.abs(cosine) > colinear) return lerp(a, b, t);
  const angle = Math.acos(cosine);
  const aShare = Math.sin((1 - t) * angle) / Math.sin(angle);
  const bShare = Math.sin(t * angle) / Math.sin(angle);
  const out = new Float32Array(a.length);
  for (let i = 0; i < out.length; i++) out[i] = aShare * a[i] + bShare * b[i];
  return out;
}

function cosineOf(a: Float32Array, b: Float32Array): number {
  let aa = 0;
  let bb = 0;
  let ab = 0;
  for (let i = 0; i < a.length; i++) {
    aa += a[i] * a[i];
    bb += b[i] * b[i];
    ab += a[i] * b[i];
  }
  const length = (squared: number) => (Math.sqrt(squared) > smallestNorm ? Math.sqrt(squared) : 1);
  return ab / (length(aa) * length(bb));
}
