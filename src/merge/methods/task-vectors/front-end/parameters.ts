import type { MethodParameter, MethodParameters } from "../../../core/method.js";

function number(description: string, standard: number | null, minimum = -Infinity): MethodParameter {
  return { description, type: "number", default: standard, minimum, maximum: Infinity };
}

function switchOf(description: string, standard: boolean): MethodParameter {
  return { description, type: "boolean", default: Number(standard), minimum: 0, maximum: 1 };
}

/** Parameters of the whole merge that all methods of this family have. */
export function commonParameters(standard: { readonly normalize: boolean; readonly rescale: boolean }) {
  return {
    normalize: switchOf("Divide the sum of the weighted changes by the sum of their weights.", standard.normalize),
    rescale: switchOf("Scale what is kept of a change to the ℓ1 norm of the whole change.", standard.rescale),
    lambda: number("Factor of the merged change.", 1),
    int8_mask: switchOf("Without effect on the result; accepted because configurations have it.", false),
  } satisfies MethodParameters;
}

/** Parameters of each input that all methods of this family have. */
export const inputParameters = {
  weight: number("Factor of this input's change.", null),
  density: number("Share of the elements of the change that is kept; all from 1 on.", 1, 0),
} satisfies MethodParameters;

/** Of task_arithmetic, which drops nothing. */
export const unusedDensity = number("Without effect on the result; accepted because configurations have it.", 1, 0);

export const gamma = number("Share of the elements with the largest changes that is dropped as outliers.", 0.01, 0);
export const dropEpsilon = number(
  "The probability to keep an element goes from density − epsilon for a row's smallest change to density + " +
    "epsilon for its largest.",
  0.15,
);

export const selectTopk = number(
  "Share of the elements in which inputs differ that is merged: those of the largest variance over the inputs.",
  1,
);
export const changeEpsilon = number("A smaller change counts as none.", 1e-5);
export const boost = number("How much changes that one input alone has are strengthened.", 0.1);
export const boostLimit = number("Limit of the ratio of shared to sole changes by which they are strengthened.", 0.2);
export const int8Mask = switchOf("Without effect on the result; accepted because configurations have it.", false);
