import { checkInputs } from "../../core/check-inputs.js";
import type { MergeMethod } from "../../core/method.js";
import type { MixOptions } from "../../core/task-vector-kernels.js";
import { areCopies, copyOf } from "../../core/tensor-chunks.js";
import { baseOf, changeBlocks, inChunks } from "../task-vectors/front-end/changes.js";
import { ownership } from "./owners.js";

/** λ: base + λ · change. */
export const changeFactor = {
  description: "Factor of the merged change.",
  type: "number",
  default: 1,
  minimum: 0,
  maximum: Infinity,
} as const;

export const union: MergeMethod = {
  name: "union",
  label: "Union",
  concept:
    "Adds to the base the mean change of the models that own a tensor. In rounds of training the windows say who " +
    "owns it; in a configuration, a model whose tensor is the base's bit for bit does not, so that it does not " +
    "dilute others.",
  use: "Choose it for models that each trained some of the layers, the others frozen: each change arrives whole.",
  source: "method.md",
  inputs: { base: "required", minimum: 1, maximum: Infinity },
  parameters: { lambda: changeFactor },
  inputParameters: {},
  check: (tensor) => checkInputs(union, tensor),
  *merge(tensor) {
    union.check?.(tensor);
    const { kernels, dtype, values } = tensor;
    const base = baseOf(tensor);
    const owns = ownership(tensor, base);
    const owners = tensor.inputs.filter((_, i) => owns[i]);
    if (owners.length === 0) return yield* copyOf(tensor, base);
    // base + (owner − base) would round.
    const isCopy = values.lambda === 1 && (owners.length === 1 || areCopies(tensor, owners));
    if (isCopy) return yield* copyOf(tensor, owners[0]);
    const options: MixOptions = {
      weights: owners.map(() => 1),
      vote: "none",
      division: "fixed",
      divisor: owners.length,
      lambda: values.lambda,
    };
    let out: Float32Array | undefined;
    for (const { base: from, matrix } of changeBlocks(tensor, owners)) {
      out = kernels.mixChanges(from, matrix, options, dtype, out);
      yield* inChunks(out);
    }
  },
};
