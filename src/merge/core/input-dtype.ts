import { promoted, type MergeDType } from "./merge-dtype.js";
import type { MergeInput, TensorToMerge } from "./method.js";

/** The dtype of an input's elements, in which what is computed of them alone is rounded. */
export function inputDType(tensor: TensorToMerge, input: MergeInput): MergeDType {
  return input.dtype ?? tensor.dtype;
}

/** The dtype of the difference of an input from the base. */
export function changeDType(tensor: TensorToMerge, input: MergeInput): MergeDType {
  const own = inputDType(tensor, input);
  return tensor.base === null ? own : promoted([own, inputDType(tensor, tensor.base)]);
}
