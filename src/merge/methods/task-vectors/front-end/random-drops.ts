import { mergeError } from "../../../core/check-inputs.js";
import type { MergeDType, MergeInput, TensorToMerge } from "../../../core/method.js";
import { rounder } from "../../../core/kernels/rounding.js";
import { dropAll, isDropping, type Drop, type DropRule } from "./drop.js";
import { dropEpsilon } from "./parameters.js";

/** PyTorch draws for f16 in f32 on the CPU. */
const drawDType = (dtype: MergeDType): MergeDType => (dtype === "f16" ? "f32" : dtype);

/** Drops each element with the same probability. */
export const dropAtRandom: DropRule = {
  isRandom: true,
  inputParameters: {},
  unit: () => 1,
  normDType: drawDType,
  check: () => {},
  prepare({ inputs, kernels, dtype, length, random }) {
    return inputs.map((input): Drop => {
      if (!isDropping(input)) return null;
      const bound = boundOf(rounder(drawDType(dtype))(input.values.density));
      const start = random.copy();
      random.skip(length);
      return () => {
        const stream = start.copy();
        let words: Uint32Array | undefined;
        return (change) => kernels.keepAtRandom(change, (words = stream.next(change.length, words)), bound);
      };
    });
  },
};

/** A word of a random stream keeps an element with this probability if its lower 24 bits are below the bound. */
function boundOf(probability: number): number {
  return Math.ceil(probability * 2 ** 24);
}

/** Drops elements with a probability that falls with the rank of their magnitude in the row. */
export const dropByRank: DropRule = {
  isRandom: true,
  inputParameters: { epsilon: dropEpsilon },
  unit: ({ shape }) => shapeOfRows(shape).rowLength * shapeOfRows(shape).stride,
  normDType: drawDType,
  check(tensor, method) {
    const dropping = tensor.inputs.filter(({ values }) => values.density < 1 && values.density > 0);
    for (const input of dropping) checkRow(tensor, input, method);
  },
  prepare(tensor) {
    const { inputs, kernels, length, random } = tensor;
    const { rowLength, stride } = shapeOfRows(tensor.shape);
    return inputs.map((input): Drop => {
      if (!isDropping(input)) return null;
      if (input.values.density <= 0) return dropAll;
      if (rowLength === 1) tensor.note(singleElements);
      const bounds = rankBounds(rowLength, input, tensor.dtype);
      const start = random.copy();
      random.skip(length);
      return () => {
        const stream = start.copy();
        let words: Uint32Array | undefined;
        return (change) => kernels.keepByRank(change, (words = stream.next(change.length, words)), bounds, stride);
      };
    });
  },
};

/** Rows run along the second dimension; a tensor without one is a single row. */
function shapeOfRows(shape: readonly number[]) {
  if (shape.length < 2) return { rowLength: Math.max(1, shape[0] ?? 1), stride: 1 };
  return {
    rowLength: Math.max(1, shape[1]),
    stride: Math.max(
      1,
      shape.slice(2).reduce((a, b) => a * b, 1),
    ),
  };
}

/** The bounds of an ascending rank, with PyTorch's roundings. */
function rankBounds(rowLength: number, { values: { density, epsilon } }: MergeInput, dtype: MergeDType): Uint32Array {
  const round = rounder(drawDType(dtype));
  const rankOf = (position: number) => round(round(position) + 1);
  const span = round(rankOf(rowLength - 1) - 1);
  const lowest = round(density - epsilon);
  return Uint32Array.from({ length: rowLength }, (_, position) => {
    // A single element has no rank; the middle gives it the density.
    const relative = span === 0 ? 0.5 : Math.min(1, round(round(rankOf(position) - 1) / span));
    return boundOf(round(lowest + round(round(relative * 2) * Math.fround(epsilon))));
  });
}

const singleElements = "a row of one element has no order of magnitudes: it is kept with the probability `density`";

function checkRow(tensor: TensorToMerge, { label, values }: MergeInput, method: string): void {
  const { shape, length, isCompatible } = tensor;
  const { density, epsilon } = values;
  if (density + epsilon >= 1 || density - epsilon <= 0) {
    throw mergeError(tensor, method, {
      expected: "density − epsilon and density + epsilon between 0 and 1",
      got: `density ${density} and epsilon ${epsilon} for ${label}`,
      hint: "Decrease `epsilon`, or set `density` to 1 to keep the whole change.",
    });
  }
  if (!isCompatible || length === 0 || shapeOfRows(shape).rowLength > 1) return;
  throw mergeError(tensor, method, {
    expected: "rows of at least two elements, which mergekit needs",
    got: `shape [${shape.join(", ")}]`,
    hint: "Merge without --mergekit-compat, or set `density` to 1 for this tensor with a filter.",
  });
}
