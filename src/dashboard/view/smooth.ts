import type { LossPoint } from "../../report/facts.js";
import type { LossBucket } from "../state/loss-summary.js";

/** The lowest and the highest loss of every bucket, in the order of their steps: no spike is lost. */
export function extremes(buckets: readonly LossBucket[]): LossPoint[] {
  return buckets.flatMap(({ low, lowStep, high, highStep }) => {
    if (lowStep === highStep) return [{ step: lowStep, loss: low }];
    const [a, b] = [
      { step: lowStep, loss: low },
      { step: highStep, loss: high },
    ];
    return lowStep < highStep ? [a, b] : [b, a];
  });
}

/**
 * An exponential mean over the means of buckets, corrected for its start as Adam's moments are.
 *
 * @param weight  of the past, 0 ≤ weight < 1, for a step of one bucket
 */
export function smoothed(buckets: readonly LossBucket[], weight: number): LossPoint[] {
  let mean = 0;
  let total = 0;
  return buckets.map(({ step, mean: loss }) => {
    mean = weight * mean + (1 - weight) * loss;
    total = weight * total + (1 - weight);
    return { step, loss: mean / total };
  });
}
