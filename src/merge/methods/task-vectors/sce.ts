import { mergeError } from "../../core/check-inputs.js";
import { rounder } from "../../core/kernels/rounding.js";
import type { MergeMethod, TensorToMerge } from "../../core/method.js";
import type { MagnitudeRange } from "../../core/task-vector-kernels.js";
import { copyOf } from "../../core/tensor-chunks.js";
import { baseOf, changeBlocks, inChunks, type ChangeBlock } from "./front-end/changes.js";
import { dropByProduct, type Dropper } from "./front-end/drop.js";
import { largest } from "./front-end/magnitude-drops.js";
import { int8Mask, selectTopk } from "./front-end/parameters.js";
import { selectMagnitudes } from "./front-end/select-magnitudes.js";
import { changesOfBase, checkChanges } from "./front-end/task-vector-method.js";

export const sce: MergeMethod = {
  name: "sce",
  label: "SCE",
  concept:
    "Selects the elements whose changes vary most between inputs, weights each input by the mean square of its " +
    "change in the " +
    "tensor, and adds the weighted mean of the changes of the elected sign.",
  use: "Inputs of very different strength whose weights are to follow from their changes.",
  source: "Wan et al. 2024 (FuseChat), https://arxiv.org/abs/2408.07990",
  inputs: changesOfBase,
  mixedDTypes: "promote",
  parameters: { int8_mask: int8Mask, select_topk: selectTopk },
  inputParameters: {},
  check: (tensor) => checkChanges(sce, tensor),
  *merge(tensor) {
    checkChanges(sce, tensor);
    const selected = tensor.values.select_topk < 1 ? selectVarying(tensor) : "all";
    if (tensor.inputs.length === 0 || selected === "none") yield* copyOf(tensor, baseOf(tensor));
    else yield* mergeSelected(tensor, selected);
  },
};

/** Of the elements in the order of their variance, those to merge. */
type Selected = "all" | "none" | MagnitudeRange;

function selectVarying(tensor: TensorToMerge): Selected {
  const { kernels, inputs, dtype, length, values } = tensor;
  if (values.select_topk <= 0 || inputs.length === 0) return "none";
  const zeros = new Float64Array(1 << 16);
  for (const { matrix } of changeBlocks(tensor)) {
    kernels.countMagnitudes(zeros, kernels.variance(matrix, inputs.length, dtype), 0);
  }
  // mergekit multiplies in f32.
  const kept = Math.trunc(Math.fround(Math.fround(length - zeros[0]) * Math.fround(values.select_topk)));
  if (kept === 0) return "none";
  const [[cut]] = selectMagnitudes(kernels, [[length - kept]], dtype === "bf16", (visit) => {
    for (const { matrix } of changeBlocks(tensor)) visit(0, kernels.variance(matrix, inputs.length, dtype));
  });
  return largest(cut, length, kept);
}

function* mergeSelected(tensor: TensorToMerge, selected: "all" | MagnitudeRange): Generator<Float32Array> {
  const { kernels, dtype } = tensor;
  const weights = energyShares(tensor, selected);
  // Upstream multiplies every change, those of 0 too, with the weights.
  const isSpread = tensor.isCompatible && weights.some(Number.isNaN);
  const divisor = rounder(dtype)(1e-6);
  for (const { base, matrix } of selectedBlocks(tensor, selected)) {
    const options = { weights, vote: "changes", division: "elected", divisor, lambda: 1 } as const;
    const mixed = kernels.mixChanges(base, matrix, options, dtype);
    yield* inChunks(isSpread ? mixed.fill(NaN) : mixed);
  }
}

/** Each input's mean square over the sum of all; equal shares if the sum is below 1e-6. */
function energyShares(tensor: TensorToMerge, selected: "all" | MagnitudeRange): number[] {
  const { kernels, dtype, length } = tensor;
  const round = rounder(dtype);
  const squares = tensor.inputs.map(() => 0);
  for (const { rows } of selectedBlocks(tensor, selected)) {
    for (const [i, row] of rows.entries()) squares[i] += kernels.squareSum(row, dtype);
  }
  requireSquares(tensor, squares);
  const means = squares.map((sum) => round(Math.fround(sum) / length));
  const total = round(means.reduce((sum, mean) => Math.fround(sum + mean), 0));
  return means.map((mean) => (Math.abs(total) < 1e-6 ? round(1 / means.length) : round(mean / total)));
}

/** @throws StrataError for the first input whose mean square is not a number, unless the tensor is merged compatibly */
function requireSquares(tensor: TensorToMerge, squares: readonly number[]): void {
  const i = squares.findIndex((sum) => !Number.isFinite(sum));
  if (i < 0 || tensor.isCompatible) return;
  throw mergeError(tensor, "sce", {
    expected: `changes whose squares are finite in ${tensor.dtype}`,
    got: `NaN, an infinity or a larger change in the tensor of ${tensor.inputs[i].label}`,
    hint:
      "sce would spread it over the whole tensor. Merge this tensor by linear, repair the model, set " +
      "`dtype: float32` if the change is large, or use --mergekit-compat, which writes NaN.",
  });
}

function* selectedBlocks(tensor: TensorToMerge, selected: "all" | MagnitudeRange): Generator<ChangeBlock> {
  const { kernels, inputs, dtype } = tensor;
  const seen = { low: 0, high: 0 };
  for (const block of changeBlocks(tensor)) {
    if (selected !== "all") {
      const mask = kernels.variance(block.matrix, inputs.length, dtype);
      kernels.keepRange(mask, selected, seen);
      const drop: Dropper = (row) => kernels.keepWhere(row, mask);
      const dropRow: Dropper = tensor.isCompatible ? (row) => dropByProduct(kernels, row, drop) : drop;
      block.rows.forEach(dropRow);
    }
    yield block;
  }
}
