import { rounder } from "../../core/kernels/rounding.js";
import type { MergeMethod, TensorToMerge } from "../../core/method.js";
import { copyOf } from "../../core/tensor-chunks.js";
import { baseOf, changeBlocks, inChunks } from "./front-end/changes.js";
import { boost, boostLimit, changeEpsilon } from "./front-end/parameters.js";
import { changesOfBase, checkChanges } from "./front-end/task-vector-method.js";

export const ramPlus: MergeMethod = {
  name: "ramplus_tl",
  label: "Reinforced Agent Merging Plus (Tensor-Local)",
  concept:
    "As ram, but strengthens the sole changes of an input by r times the ratio of its shared to its sole changes " +
    "in the tensor.",
  use: "As ram, where inputs overlap so much that averaging weakens them.",
  source: "https://arxiv.org/abs/2601.13572",
  inputs: changesOfBase,
  mixedDTypes: "promote",
  parameters: { r: boost, alpha: boostLimit, epsilon: changeEpsilon },
  inputParameters: {},
  resultDType: () => "f32",
  check: (tensor) => checkChanges(ramPlus, tensor),
  *merge(tensor) {
    checkChanges(ramPlus, tensor);
    const { inputs, kernels, dtype, values } = tensor;
    if (inputs.length === 0) {
      yield* copyOf(tensor, baseOf(tensor));
      return;
    }
    const epsilon = rounder(dtype)(values.epsilon);
    const factors = soleFactors(tensor, epsilon);
    for (const { base, matrix } of changeBlocks(tensor)) {
      yield* inChunks(kernels.mixShared(base, matrix, epsilon, factors, dtype));
    }
  },
};

/** 1 + r · (elements shared with others / sole elements, from 0 to alpha), computed in f32. */
function soleFactors(tensor: TensorToMerge, epsilon: number): number[] {
  const { kernels, values } = tensor;
  const totals = new Float64Array(tensor.inputs.length * 2);
  for (const { matrix } of changeBlocks(tensor)) kernels.countShared(totals, matrix, epsilon);
  const { fround } = Math;
  return tensor.inputs.map((_, i) => {
    const ratio = fround(fround(totals[2 * i]) / fround(Math.max(totals[2 * i + 1], values.epsilon)));
    const limited = Math.min(Math.max(ratio, 0), fround(values.alpha));
    return fround(1 + fround(limited * fround(values.r)));
  });
}
