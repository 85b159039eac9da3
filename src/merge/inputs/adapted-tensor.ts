import { mergeError } from "../merge-error.js";
import type { MergeKernels } from "../core/kernels.js";
import { readDType } from "./read-dtype.js";
import { derivedTensor, formatShape, type InputTensor } from "./input-tensor.js";

/** The two matrices of a LoRA: B [outputs, rank] and A [rank, inputs]. */
export interface LowRankPair {
  readonly a: InputTensor;
  readonly b: InputTensor;
  readonly scale: number;
  /** Whether B · A is added transposed. */
  readonly isTransposed: boolean;
}

/**
 * A tensor with scale · B · A added in f32, rounded once to its dtype as stored. Both matrices stay in memory while
 * it is
 * read.
 *
 * @throws StrataError if the shapes do not fit
 */
export function adaptedTensor(tensor: InputTensor, { a, b, scale, isTransposed }: LowRankPair): InputTensor {
  const [rank, inputs] = a.shape;
  const [outputs, columns] = b.shape;
  const sum = isTransposed ? [inputs, outputs] : [outputs, inputs];
  const fits = a.shape.length === 2 && b.shape.length === 2 && columns === rank && tensor.shape.length === 2;
  if (!fits || sum[0] !== tensor.shape[0] || sum[1] !== tensor.shape[1] || tensor.dtype === null) {
    const got = `A ${formatShape(a.shape)} and B ${formatShape(b.shape)}`;
    const hint =
      "The adapter was trained on another model, or for a layer that is no matrix: check both paths of `model`.";
    throw mergeError(b.where, `matrices whose product fits ${tensor.where} ${formatShape(tensor.shape)}`, got, hint);
  }
  const width = tensor.shape[1];
  let factors: readonly [Float32Array, Float32Array] | null = null;
  /** Of element [row, column] of the sum, columns first. */
  const addProduct = (out: Float32Array, from: number, [left, right]: readonly [Float32Array, Float32Array]) => {
    const product = new Float64Array(width);
    for (let at = 0; at < out.length;) {
      const row = Math.floor((from + at) / width);
      const column = (from + at) % width;
      const count = Math.min(width - column, out.length - at);
      product.fill(0);
      for (let k = 0; k < rank; k++) {
        const factor = left[row * rank + k];
        for (let i = 0; i < count; i++) product[i] += factor * right[k * width + column + i];
      }
      for (let i = 0; i < count; i++) out[at + i] += Math.fround(Math.fround(product[i]) * scale);
      at += count;
    }
  };
  return derivedTensor(tensor, {
    shape: tensor.shape,
    read(from, count, dtype, kernels) {
      factors ??= isTransposed
        ? [transposed(readWhole(a, kernels), rank, inputs), transposed(readWhole(b, kernels), outputs, rank)]
        : [readWhole(b, kernels), readWhole(a, kernels)];
      const out = tensor.read(from, count, "f32", kernels);
      addProduct(out, from, factors);
      if (from + count === tensor.shape[0] * width) factors = null;
      const stored = rounded(out, readDType(tensor.dtype), kernels);
      return rounded(stored, dtype, kernels);
    },
  });
}

function readWhole(tensor: InputTensor, kernels: MergeKernels): Float32Array {
  return tensor.read(0, tensor.shape[0] * tensor.shape[1], "f32", kernels);
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = values[i * columns + j];
  return out;
}

function rounded(values: Float32Array, dtype: "f32" | "bf16" | "f16", kernels: MergeKernels): Float32Array {
  return dtype === "f32" ? values : kernels.decode(kernels.encode(values, dtype), dtype, "f32");
}
