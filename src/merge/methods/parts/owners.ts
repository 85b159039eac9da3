import { isBase } from "../../core/check-inputs.js";
import type { MergeInput, TensorToMerge } from "../../core/method.js";
import { areCopies } from "../../core/tensor-chunks.js";

/** Which inputs own a tensor: as the plan says, or those whose tensor differs from the base's bit for bit. */
export function ownership(tensor: TensorToMerge, base: MergeInput): readonly boolean[] {
  return tensor.inputs.map((input) => input.isOwner ?? (!isBase(tensor, input) && !areCopies(tensor, [base, input])));
}
