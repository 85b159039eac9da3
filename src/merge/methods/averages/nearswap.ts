import { checkInputs } from "../../core/check-inputs.js";
import type { MergeMethod } from "../../core/method.js";
import { chunkReader, chunksOf, copyOf } from "../../core/tensor-chunks.js";

export const nearswap: MergeMethod = {
  name: "nearswap",
  label: "NearSwap",
  concept:
    "The base, moved to the other model where both are close: by the share t / |difference|, at most 1, so that " +
    "large differences hardly count.",
  use: "Choose it to take over small differences of another model and keep the character of the base.",
  source: "https://huggingface.co/alchemonaut/QuartetAnemoi-70B-t0.0001",
  inputs: { base: "required", minimum: 0, maximum: 1 },
  mixedDTypes: "promote",
  parameters: {
    t: {
      description: "Differences of at most this size are taken over whole.",
      type: "number",
      default: null,
      minimum: -Infinity,
      maximum: Infinity,
    },
  },
  inputParameters: {},
  check: (tensor) => checkInputs(nearswap, tensor),
  *merge(tensor) {
    nearswap.check?.(tensor);
    const { inputs, base, kernels, dtype, isCompatible } = tensor;
    if (base === null) return;
    if (inputs.length === 0) return yield* copyOf(tensor, base);
    const read = chunkReader([base, ...inputs]);
    let out: Float32Array | undefined;
    for (const chunk of chunksOf(tensor.length)) {
      const [from, other] = read(chunk);
      const isCopy = !isCompatible && kernels.areSame([from, other]);
      if (isCopy) out = kernels.weightedSum([from], [1], 1, dtype, out);
      else out = kernels.nearest(from, other, tensor.values.t, dtype, out);
      yield out;
    }
  },
};
