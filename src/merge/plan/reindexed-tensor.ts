import type { MergeKernels } from "../core/kernels.js";
import type { MergeDType } from "../core/method.js";
import { rounder } from "../core/kernels/rounding.js";
import { readDType } from "../inputs/read-dtype.js";
import { derivedTensor, type InputTensor } from "../inputs/input-tensor.js";
import type { InputModel } from "../inputs/open-model.js";
import type { RowSource, TokenRows } from "./token-rows.js";

export interface Reindexing {
  /** Row of the tensor by row of the result; −1: from `fallbacks`. */
  readonly own: Int32Array;
  readonly rows: TokenRows;
  /** Rows of tokens; those after them are the mean of these. */
  readonly tokens: number;
  /** Rows of the result. */
  readonly size: number;
  readonly tensorOf: (model: InputModel) => InputTensor;
}

/** An embedding whose rows have the order of another vocabulary. */
export function reindexedTensor(tensor: InputTensor, reindexing: Reindexing): InputTensor {
  const { own, rows, tokens, size, tensorOf } = reindexing;
  const [height, width] = tensor.shape;
  const stored = readDType(tensor.dtype);
  let mean: Float32Array | null = null;
  const isOwn = (row: number) => row < tokens && own[row] >= 0 && own[row] < height && !rows.fallbacks[row].force;
  const fillRows = (out: Float32Array, first: number, kernels: MergeKernels) => {
    const count = out.length / width;
    for (let i = 0; i < count;) {
      let run = 1;
      if (isOwn(first + i)) {
        while (i + run < count && isOwn(first + i + run) && own[first + i + run] === own[first + i] + run) run++;
        out.set(tensor.read(own[first + i] * width, run * width, stored, kernels), i * width);
      } else if (first + i < tokens) {
        out.set(fallbackRow(rows.fallbacks[first + i], width, stored, tensorOf, kernels), i * width);
      } else out.set((mean ??= meanRow(kernels)), i * width);
      i += run;
    }
  };
  const meanRow = (kernels: MergeKernels): Float32Array => {
    const sums = new Float64Array(width);
    const block = Math.max(1, Math.floor((1 << 18) / width));
    for (let row = 0; row < tokens; row += block) {
      const values = new Float32Array(Math.min(block, tokens - row) * width);
      fillRows(values, row, kernels);
      values.forEach((value, i) => (sums[i % width] += value));
    }
    return Float32Array.from(sums, (sum) => rounder(stored)(sum / tokens));
  };
  return derivedTensor(tensor, {
    shape: [size, width],
    read(from, count, dtype, kernels) {
      const first = Math.floor(from / width);
      const last = Math.ceil((from + count) / width);
      const block = new Float32Array((last - first) * width);
      fillRows(block, first, kernels);
      const values = block.subarray(from - first * width, from - first * width + count);
      return dtype === "f32" || dtype === stored ? values.slice() : values.map(rounder(dtype));
    },
  });
}

/** A mean is summed and divided in the dtype of the tensor. */
function fallbackRow(
  source: RowSource,
  width: number,
  dtype: MergeDType,
  tensorOf: (model: InputModel) => InputTensor,
  kernels: MergeKernels,
): Float32Array {
  if (source.kind === "zero") return new Float32Array(width);
  const round = rounder(dtype);
  const [first, ...others] = source.rows.map(({ model, row }) =>
    tensorOf(model).read(row * width, width, dtype, kernels),
  );
  if (others.length === 0) return first;
  const count = source.rows.length;
  return first.map((value, i) => round(others.reduce((sum, row) => round(sum + row[i]), value) / count));
}
