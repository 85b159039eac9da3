/**
 * Dynamic loss scaling (Micikevicius et al. 2018): f16 has no values below 6e-8, so the loss, and with it all
 * gradients, are multiplied by a power of two; it is lowered when one overflows, and raised after a time without.
 */
import type { ComputeDType } from "../device/kernels.js";

/** The state between steps; checkpoints record it. */
export interface LossScale {
  readonly scale: number;
  /** Steps since it changed. */
  readonly steps: number;
}

const first = 2 ** 16;
const most = 2 ** 24;
const least = 1;
/** Steps without an overflow after which the scale is doubled. */
const patience = 2000;

/** Null for a dtype with the exponents of f32, which needs no scaling. */
export function initialLossScale(computeDType: ComputeDType): LossScale | null {
  return computeDType === "f16" ? { scale: first, steps: 0 } : null;
}

/** The state after a step whose gradients were finite. */
export function afterUpdate({ scale, steps }: LossScale): LossScale {
  return steps + 1 >= patience ? { scale: Math.min(2 * scale, most), steps: 0 } : { scale, steps: steps + 1 };
}

/** The state after a step whose gradients were not; null if it cannot be lowered: then training has diverged. */
export function afterOverflow({ scale }: LossScale): LossScale | null {
  return scale > least ? { scale: scale / 2, steps: 0 } : null;
}
