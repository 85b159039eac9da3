import { mergeError } from "../../core/check-inputs.js";
import type { MergeInput, TensorToMerge } from "../../core/method.js";

/**
 * A single NaN or infinity in a tensor would make the norm, and so the whole merged tensor or row, NaN.
 *
 * @param squares  one per input, or several: the squared norms of its rows
 * @throws StrataError for the first input with an element that is not finite, unless the tensor is merged compatibly
 */
export function requireFinite(
  tensor: TensorToMerge,
  method: string,
  inputs: readonly MergeInput[],
  squares: ArrayLike<number> | readonly ArrayLike<number>[],
): void {
  if (tensor.isCompatible) return;
  inputs.forEach(({ label }, k) => {
    const own = squares[k];
    const isFinite = typeof own === "number" ? Number.isFinite(own) : Array.from(own).every(Number.isFinite);
    if (isFinite) return;
    throw mergeError(tensor, method, {
      expected: "finite elements",
      got: `NaN or an infinity in the tensor of ${label}`,
      hint:
        `${method} would spread it over the whole tensor. Merge this tensor by linear, repair the model, or use ` +
        "--mergekit-compat, which writes NaN.",
    });
  });
}
