import { derivedTensor, formatShape, type InputTensor } from "../inputs/input-tensor.js";

/** The first rows and columns of a matrix. */
export function croppedTensor(tensor: InputTensor, rows: number, columns: number): InputTensor {
  const [, width] = tensor.shape;
  return derivedTensor(tensor, {
    shape: [rows, columns],
    read(from, count, dtype, kernels) {
      if (columns === width) return tensor.read(from, count, dtype, kernels);
      const out = new Float32Array(count);
      for (let at = 0; at < count;) {
        const row = Math.floor((from + at) / columns);
        const column = (from + at) % columns;
        const some = Math.min(columns - column, count - at);
        out.set(tensor.read(row * width + column, some, dtype, kernels), at);
        at += some;
      }
      return out;
    },
  });
}

/** A matrix of one row as one of many equal rows. */
export function repeatedRow(tensor: InputTensor, rows: number): InputTensor {
  const [one, width] = tensor.shape;
  if (one !== 1) throw new Error(`${tensor.where} ${formatShape(tensor.shape)} has more than one row`);
  return derivedTensor(tensor, {
    shape: [rows, width],
    read(from, count, dtype, kernels) {
      const row = tensor.read(0, width, dtype, kernels);
      return Float32Array.from({ length: count }, (_, i) => row[(from + i) % width]);
    },
  });
}
