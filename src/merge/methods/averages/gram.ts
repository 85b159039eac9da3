import type { MergeInput, TensorToMerge } from "../../core/method.js";
import { chunkReader, chunksOf } from "../../core/tensor-chunks.js";

/** [i · n + j] = Σ inputᵢ · inputⱼ over the whole tensor, in f64. */
export function gramOf(tensor: TensorToMerge, inputs: readonly MergeInput[]): Float64Array {
  const total = new Float64Array(inputs.length ** 2);
  const read = chunkReader(inputs);
  for (const chunk of chunksOf(tensor.length)) {
    const products = tensor.kernels.gram(read(chunk));
    for (let i = 0; i < total.length; i++) total[i] += products[i];
  }
  return total;
}
