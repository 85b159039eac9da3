import type { MethodParameter } from "../merge-method.js";

/** Parameters of several methods. */

export const trainedShare: MethodParameter = {
  description: "Weight of the side that trained a tensor, if the other side did not.",
  default: 0.8,
  minimum: 0,
  maximum: 1,
};

/** λ: base + λ · change. */
export const lambda: MethodParameter = {
  description: "Factor of the merged change.",
  default: 1,
  minimum: 0,
  maximum: Infinity,
};
