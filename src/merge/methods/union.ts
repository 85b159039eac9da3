import type { MergeMethod } from "../merge-method.js";
import { checkLengths } from "./linear.js";
import { lambda } from "./shared-parameters.js";

export const unionMethod: MergeMethod<"union", "lambda"> = {
  name: "union",
  description: "Adds to the base the mean change of the parts that trained a tensor; other parts do not count.",
  wholeTensor: false,
  parameters: { lambda },
  merge: ({ base, owners, load }, values) => union(base, owners.map(load), values.lambda),
};

/**
 * base + lambda · mean over the owners of (owner − base). Parts that did not train the tensor do not count.
 * At lambda 1 a single owner is returned bit for bit.
 *
 * @param owners  the parts that trained this tensor, at least one
 */
export function union(base: Float32Array, owners: readonly Float32Array[], lambda: number): Float32Array {
  checkLengths([base, ...owners]);
  if (owners.length === 0) throw new RangeError("a union needs at least one owner");
  const out = new Float32Array(base.length);
  for (let i = 0; i < out.length; i++) {
    // Start at −0 to keep the sign of zeros: −0 + x is x.
    let sum = -0;
    for (let n = 0; n < owners.length; n++) sum += owners[n][i];
    const mean = sum / owners.length;
    // At lambda 1 the result is the mean; base + (mean − base) would round.
    if (lambda === 1) out[i] = mean;
    else out[i] = mean === base[i] ? base[i] : (1 - lambda) * base[i] + lambda * mean;
  }
  return out;
}
