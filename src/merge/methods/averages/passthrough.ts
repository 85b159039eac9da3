import { checkInputs } from "../../core/check-inputs.js";
import type { MergeMethod } from "../../core/method.js";
import { chunkReader, chunksOf } from "../../core/tensor-chunks.js";

export const passthrough: MergeMethod = {
  name: "passthrough",
  label: "Passthrough",
  concept: "The model as it is, times a factor if there is one.",
  use: "Choose it to stack layers of several models with `slices`, or to scale single tensors.",
  source: "https://github.com/arcee-ai/mergekit",
  inputs: { base: "none", minimum: 1, maximum: 1 },
  parameters: {},
  inputParameters: {
    scale: {
      description: "Factor of the model.",
      type: "number",
      default: undefined,
      minimum: -Infinity,
      maximum: Infinity,
    },
  },
  check: (tensor) => checkInputs(passthrough, tensor),
  *merge(tensor) {
    passthrough.check?.(tensor);
    const { kernels, dtype, inputs } = tensor;
    const scale = inputs[0].values.scale ?? 1;
    const read = chunkReader(inputs);
    let out: Float32Array | undefined;
    for (const chunk of chunksOf(tensor.length)) yield (out = kernels.weightedSum(read(chunk), [scale], 1, dtype, out));
  },
};
