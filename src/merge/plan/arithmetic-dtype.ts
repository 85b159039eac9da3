import { promoted } from "../core/merge-dtype.js";
import type { MergeDType, MergeMethod } from "../core/method.js";

/**
 * The dtype of a method's arithmetic.
 *
 * @param inputs  dtypes in the order of the configuration
 * @param base    null without a base
 */
export function arithmeticDType(
  method: MergeMethod,
  inputs: readonly MergeDType[],
  base: MergeDType | null,
): MergeDType {
  const isBased = method.inputs.base === "required" || method.inputs.base === "member";
  const rule = method.mixedDTypes ?? (isBased ? "base" : "promote");
  if (rule === "base" && base !== null) return base;
  if (rule === "first" && inputs.length > 0) return inputs[0];
  return promoted(base === null ? inputs : [...inputs, base]);
}
