/** Optimizers that take the merged change of a round as their step. */
export const outerMethods = ["nesterov", "sgd"] as const;

export interface OuterSettings {
  /** `sgd`: heavy-ball momentum; `nesterov`: Nesterov momentum, as in DiLoCo. Without momentum they are the same. */
  readonly method: (typeof outerMethods)[number];
  readonly learningRate: number;
  /** In [0, 1). */
  readonly momentum: number;
}

/**
 * A step of SGD with the merged change in place of the negative gradient, as `torch.optim.SGD` takes it:
 * change = merged − base; velocity ← momentum · velocity + change;
 * result = base + learningRate · velocity, with Nesterov base + learningRate · (change + momentum · velocity).
 *
 * @param velocity  updated in place; zeros before the first round
 * @see Douillard et al. 2023 (DiLoCo), https://arxiv.org/abs/2311.08105
 */
export function outerStep(
  base: Float32Array,
  merged: Float32Array,
  velocity: Float32Array,
  { method, learningRate, momentum }: OuterSettings,
): Float32Array {
  const out = new Float32Array(base.length);
  for (let i = 0; i < out.length; i++) {
    const change = merged[i] - base[i];
    const next = momentum * velocity[i] + change;
    velocity[i] = next;
    // At learning rate 1 without momentum the result is `merged`; base + (merged − base) would round.
    if (learningRate === 1 && momentum === 0) out[i] = merged[i];
    else out[i] = base[i] + learningRate * (method === "sgd" ? next : change + momentum * next);
  }
  return out;
}
