import { StrataError } from "../../errors/strata-error.js";
import { plural } from "../../text/plural.js";
import type { MergeInput, MergeMethod, TensorToMerge } from "./method.js";

/** The error of a method at a tensor. */
export function mergeError(
  { where }: TensorToMerge,
  method: string,
  parts: { readonly expected: string; readonly got: string; readonly hint: string },
): StrataError {
  const { expected, got, hint } = parts;
  return new StrataError("MergeError", { where: `${where}, merged by ${method}`, expected, got, hint });
}

/**
 * @throws StrataError unless a tensor has the base, the number of inputs and the values that a method needs
 */
export function checkInputs(method: MergeMethod, tensor: TensorToMerge): void {
  const { name, inputs: rule, inputParameters } = method;
  const { inputs, base } = tensor;
  const count = inputs.length;
  if ((rule.base === "required" || rule.base === "member") && base === null) {
    throw mergeError(tensor, name, {
      expected: "a base model",
      got: "none",
      hint: "Add `base_model` to the configuration.",
    });
  }
  if (rule.base === "member" && !inputs.some((input) => isBase(tensor, input))) {
    throw mergeError(tensor, name, {
      expected: "the base model among the models that are merged",
      got: `${base?.label} beside ${inputs.map(({ label }) => label).join(", ")}`,
      hint: "Choose one of the models as `base_model`.",
    });
  }
  if (count < rule.minimum || count > rule.maximum) {
    const { minimum, maximum } = rule;
    const range =
      maximum === Infinity ? `at least ${minimum}` : minimum === maximum ? minimum : `${minimum} to ${maximum}`;
    throw mergeError(tensor, name, {
      expected: `${range} ${maximum === 1 ? "model" : "models"}${rule.base === "required" ? " beside the base" : ""}`,
      got: plural(count, "model"),
      hint: "Change the list of models, or choose another merge method.",
    });
  }
  for (const [parameter, { default: value }] of Object.entries(inputParameters)) {
    if (value === null) for (const input of inputs) requiredValue(tensor, name, input, parameter);
  }
}

/** Whether an input is the base of the tensor. */
export function isBase({ base }: TensorToMerge, input: MergeInput): boolean {
  return base !== null && (input === base || input.label === base.label);
}

/** The base and the other input of a method of two models; null if the tensor has only one. */
export function baseAndOther(tensor: TensorToMerge): readonly [MergeInput, MergeInput] | null {
  const { inputs } = tensor;
  if (inputs.length < 2) return null;
  return isBase(tensor, inputs[0]) ? [inputs[0], inputs[1]] : [inputs[1], inputs[0]];
}

/** @throws StrataError if the input has no value of the parameter */
export function requiredValue(tensor: TensorToMerge, method: string, input: MergeInput, parameter: string): number {
  const value = input.values[parameter];
  if (typeof value === "number") return value;
  throw mergeError(tensor, method, {
    expected: `a ${parameter} of ${input.label}`,
    got: "none",
    hint: `Add \`${parameter}\` to the parameters of this model, or to those of the whole merge.`,
  });
}
