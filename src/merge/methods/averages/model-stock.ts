import { checkInputs, mergeError } from "../../core/check-inputs.js";
import type { Groups, MergeVector } from "../../core/kernels.js";
import { changeDType, inputDType } from "../../core/input-dtype.js";
import { rounder } from "../../core/kernels/rounding.js";
import { promoted } from "../../core/merge-dtype.js";
import type { MergeInput, MergeMethod, TensorToMerge } from "../../core/method.js";
import { areCopies, chunkReader, chunksOf, copyOf, lastAxisRows, type Chunk } from "../../core/tensor-chunks.js";
import { requireFinite } from "./finite.js";
import { flag } from "./parameters.js";

export const modelStock: MergeMethod = {
  name: "model_stock",
  label: "Model Stock",
  concept:
    "A point between the base and the mean of the models, the nearer to the mean the smaller the angles between " +
    "their changes. A model that leaves a tensor as it is in the base does not count for it.",
  use: "Choose it for several fine-tunings of one base, in place of a mean of many more.",
  source: "https://arxiv.org/abs/2403.19522",
  inputs: { base: "required", minimum: 2, maximum: Infinity },
  mixedDTypes: "promote",
  croppedTo: "common",
  parameters: { filter_wise: flag("Of each row by itself.", false) },
  inputParameters: {},
  check(tensor) {
    if (tensor.base === null || tensor.inputs.length > 0) checkInputs(modelStock, tensor);
  },
  *merge(tensor) {
    modelStock.check?.(tensor);
    const { inputs, base, isCompatible } = tensor;
    if (base === null) return;
    if (inputs.length === 0) return yield* copyOf(tensor, base);
    if (!isCompatible && areCopies(tensor, inputs)) return yield* copyOf(tensor, inputs[0]);
    yield* towardsMean(tensor, base, sharesOf(tensor, layoutOf(tensor)));
  },
};

interface Layout {
  readonly rows: number;
  readonly columns: number;
}

function layoutOf(tensor: TensorToMerge): Layout {
  return tensor.values.filter_wise === 0 ? { rows: 1, columns: tensor.length } : lastAxisRows(tensor);
}

/** The rows of a chunk. One row may take several chunks. */
function groupsOf(
  { rows, columns }: Layout,
  { from, count }: Chunk,
): { readonly groups: Groups; readonly first: number } {
  if (rows === 1) return { groups: { rows: 1, columns: count, of: "rows" }, first: 0 };
  return { groups: { rows: count / columns, columns, of: "rows" }, first: from / columns };
}

function unitOf({ rows, columns }: Layout): number {
  return rows === 1 ? 1 : columns;
}

interface Shares {
  readonly layout: Layout;
  /** Of each row: the share of the mean. */
  readonly mean: Float32Array;
  /** [model][row] 1 if it counts for the mean of the row, else 0. */
  readonly counts: readonly Float32Array[];
  /** Of each row: the number of models that count. */
  readonly divisors: Float32Array;
}

function sharesOf(tensor: TensorToMerge, layout: Layout): Shares {
  const { inputs, isCompatible } = tensor;
  const { squares, products } = changesOf(tensor, layout);
  requireFinite(tensor, modelStock.name, inputs, squares);
  const mean = new Float32Array(layout.rows);
  const divisors = new Float32Array(layout.rows);
  const counts = inputs.map(() => new Float32Array(layout.rows).fill(1));
  for (let row = 0; row < layout.rows; row++) {
    const changed = inputs.flatMap((_, k) => (isCompatible || squares[k][row] > 0 ? [k] : []));
    if (changed.length < inputs.length) {
      inputs.forEach((_, k) => (counts[k][row] = changed.includes(k) ? 1 : 0));
      if (changed.length > 0)
        tensor.note("model_stock: a model that leaves a tensor as it is in the base does not count for it");
    }
    divisors[row] = Math.max(1, changed.length);
    mean[row] = changed.length > 1 ? shareOfMean(tensor, changed, squares, products, row) : changed.length;
  }
  return { layout, mean, counts, divisors };
}

/** N · c / (1 + (N − 1) · c) with the mean cosine c between the changes of N models. */
function shareOfMean(
  tensor: TensorToMerge,
  changed: readonly number[],
  squares: readonly Float64Array[],
  products: readonly Float64Array[],
  row: number,
): number {
  const round = rounder(tensor.dtype);
  const n = tensor.inputs.length;
  const dtypes = tensor.inputs.map((input) => changeDType(tensor, input));
  const norms = squares.map((own, k) => rounder(dtypes[k])(Math.sqrt(own[row])));
  const cosines = changed.flatMap((i, at) =>
    changed.slice(at + 1).map((j) => {
      const roundPair = rounder(promoted([dtypes[i], dtypes[j]]));
      const product = Math.max(roundPair(norms[i] * norms[j]), roundPair(1e-6));
      return Math.min(1, Math.max(-1, roundPair(roundPair(products[i * n + j][row]) / product)));
    }),
  );
  const cosine = round(cosines.reduce((sum, value) => Math.fround(sum + value), 0) / cosines.length);
  const count = changed.length;
  const share = round(round(count * cosine) / round(1 + round((count - 1) * cosine)));
  if (!tensor.isCompatible) requireShare(tensor, share, cosine);
  return share;
}

function requireShare(tensor: TensorToMerge, share: number, cosine: number): void {
  if (Number.isFinite(share)) {
    if (share < 0 || share > 1) tensor.note("model_stock: changes with obtuse angles moved the result beyond the base");
    if (share === 0) tensor.note("model_stock: changes at right angles left tensors as they are in the base");
    return;
  }
  throw mergeError(tensor, modelStock.name, {
    expected: "changes of the models for which model_stock has a result",
    got: `changes that point away from each other, with a mean cosine of ${cosine}`,
    hint: "Merge this tensor by linear, or use --mergekit-compat, which divides by 0.",
  });
}

/** Squared norms [model][row] and products [i · n + j][row], i < j, of the changes from the base. */
function changesOf(tensor: TensorToMerge, layout: Layout) {
  const { inputs, base, kernels, length } = tensor;
  const dtypes = inputs.map((input) => changeDType(tensor, input));
  const n = inputs.length;
  const sums = () => new Float64Array(layout.rows);
  const squares = inputs.map(sums);
  const products = Array.from({ length: n * n }, sums);
  const read = chunkReader([...inputs, base!]);
  const changes: Float32Array[] = [];
  for (const chunk of chunksOf(length, unitOf(layout))) {
    const vectors = read(chunk);
    inputs.forEach((_, k) => (changes[k] = kernels.difference(vectors[k], vectors[n], dtypes[k], changes[k])));
    const { groups, first } = groupsOf(layout, chunk);
    changes.forEach((a, i) => {
      kernels.addProducts({ a, b: a, groups, dtype: dtypes[i], isExact: true }, squares[i].subarray(first));
      changes.slice(i + 1).forEach((b, j) => {
        const own = products[i * n + i + 1 + j].subarray(first);
        const dtype = promoted([dtypes[i], dtypes[i + 1 + j]]);
        kernels.addProducts({ a, b, groups, dtype, isExact: false }, own);
      });
    });
  }
  return { squares, products };
}

/** share · mean + (1 − share) · base; each step is rounded, and sums of models to the dtype that these have. */
function* towardsMean(tensor: TensorToMerge, base: MergeInput, shares: Shares): Generator<Float32Array> {
  const { inputs, kernels, dtype, length } = tensor;
  const { layout } = shares;
  const round = rounder(dtype);
  const sumDTypes = inputs.map((_, k) => promoted(inputs.slice(0, k + 1).map((input) => inputDType(tensor, input))));
  const read = chunkReader([...inputs, base]);
  let out: Float32Array | undefined;
  for (const chunk of chunksOf(length, unitOf(layout))) {
    const { groups, first } = groupsOf(layout, chunk);
    const part = (values: Float32Array) => values.subarray(first, first + groups.rows);
    const vectors = read(chunk);
    const ones = new Float32Array(groups.rows).fill(1);
    let sum: MergeVector = vectors[0];
    let own = part(shares.counts[0]);
    for (let k = 1; k < inputs.length; k++) {
      const divisors = k === inputs.length - 1 ? part(shares.divisors) : undefined;
      const factors = [own, part(shares.counts[k])];
      const pair = { inputs: [sum, vectors[k]], factors, divisors, groups, dtype: sumDTypes[k] };
      sum = out = kernels.groupedSum(pair, out);
      own = ones;
    }
    const mean = part(shares.mean);
    const factors = [mean, mean.map((share) => round(1 - share))];
    out = kernels.groupedSum({ inputs: [sum, vectors[inputs.length]], factors, groups, dtype }, out);
    yield out;
  }
}
