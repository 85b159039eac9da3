import type { MethodParameter } from "../../core/method.js";

/** Parameters that several methods of averaging have. */

export const weight: MethodParameter = {
  description: "Weight of the model.",
  type: "number",
  default: null,
  minimum: -Infinity,
  maximum: Infinity,
};

export function flag(description: string, value: boolean): MethodParameter {
  return { description, type: "boolean", default: value ? 1 : 0, minimum: 0, maximum: 1 };
}
