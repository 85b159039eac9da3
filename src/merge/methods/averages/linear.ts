import { checkInputs, mergeError, requiredValue } from "../../core/check-inputs.js";
import { rounder } from "../../core/kernels/rounding.js";
import type { MergeMethod, TensorToMerge } from "../../core/method.js";
import { chunkReader, chunksOf } from "../../core/tensor-chunks.js";
import { flag, weight } from "./parameters.js";

export const linear: MergeMethod = {
  name: "linear",
  label: "Linear",
  concept: "The weighted mean of the models: the sum of weight · model, divided by the sum of the weights.",
  use: "Choose it for models that were trained from the same start with the same settings, as a model soup.",
  source: "https://arxiv.org/abs/2203.05482",
  inputs: { base: "none", minimum: 1, maximum: Infinity },
  croppedTo: "common",
  parameters: { normalize: flag("Divide by the sum of the weights.", true) },
  inputParameters: { weight },
  check(tensor) {
    checkInputs(linear, tensor);
    const { sum, size } = totals(tensor);
    if (tensor.values.normalize === 0 || tensor.isCompatible || Math.abs(sum) > 1e-6 * size) return;
    throw mergeError(tensor, linear.name, {
      expected: "weights whose sum is not 0",
      got: `a sum of ${sum}`,
      hint: "Change the weights, or set `normalize: false`. With --mergekit-compat the sum is a divisor all the same.",
    });
  },
  *merge(tensor) {
    linear.check?.(tensor);
    const { kernels, dtype, isCompatible, values } = tensor;
    const isNormal = values.normalize !== 0;
    const round = rounder(dtype);
    const total = round(weightsOf(tensor, tensor.inputs).reduce((sum, weight) => Math.fround(sum + round(weight)), 0));
    const inputs = isCompatible ? tensor.inputs : counted(tensor);
    const weights = weightsOf(tensor, inputs).map(round);
    // The mean of copies is the copy, which rounding might change.
    const isMean = !isCompatible && (isNormal || Math.abs(totals(tensor).sum - 1) < 1e-12);
    const read = chunkReader(inputs);
    let out: Float32Array | undefined;
    for (const chunk of chunksOf(tensor.length)) {
      const vectors = read(chunk);
      if (isMean && kernels.areSame(vectors)) out = kernels.weightedSum(vectors.slice(0, 1), [1], 1, dtype, out);
      else out = kernels.weightedSum(vectors, weights, isNormal ? total : 1, dtype, out);
      yield out;
    }
  },
};

function weightsOf(tensor: TensorToMerge, inputs: TensorToMerge["inputs"]): number[] {
  return inputs.map((input) => requiredValue(tensor, linear.name, input, "weight"));
}

function totals(tensor: TensorToMerge): { readonly sum: number; readonly size: number } {
  const weights = weightsOf(tensor, tensor.inputs);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return { sum, size: weights.reduce((total, weight) => total + Math.abs(weight), 0) };
}

/** The inputs whose weight is not 0, so that nothing of others arrives, not even a NaN; the first if there is none. */
function counted({ inputs }: TensorToMerge): TensorToMerge["inputs"] {
  const used = inputs.filter(({ values }) => values.weight !== 0);
  return used.length > 0 ? used : inputs.slice(0, 1);
}
