import { rounder } from "../../core/kernels/rounding.js";
import type { MergeMethod } from "../../core/method.js";
import { copyOf } from "../../core/tensor-chunks.js";
import { baseOf, changeBlocks, inChunks } from "./front-end/changes.js";
import { changeEpsilon } from "./front-end/parameters.js";
import { changesOfBase, checkChanges } from "./front-end/task-vector-method.js";

export const ram: MergeMethod = {
  name: "ram",
  label: "Reinforced Agent Merging",
  concept: "Adds a change that only one input has as it is, and the mean of changes that several inputs have.",
  use: "Agents trained by reinforcement, whose changes are sparse and mostly in different places.",
  source: "https://arxiv.org/abs/2601.13572",
  inputs: changesOfBase,
  mixedDTypes: "promote",
  parameters: { epsilon: changeEpsilon },
  inputParameters: {},
  check: (tensor) => checkChanges(ram, tensor),
  *merge(tensor) {
    checkChanges(ram, tensor);
    const { inputs, kernels, dtype, values } = tensor;
    if (inputs.length === 0) yield* copyOf(tensor, baseOf(tensor));
    const epsilon = rounder(dtype)(values.epsilon);
    for (const { base, matrix } of inputs.length === 0 ? [] : changeBlocks(tensor)) {
      yield* inChunks(kernels.mixShared(base, matrix, epsilon, null, dtype));
    }
  },
};
