/** The values that follow from the depth of a model; docs/recipe.md lists these rules under "One dial". */

const sizePerLayer = 64;
/** Hidden size and learning rate of the reference model; the rate is proportional to 1/√hiddenSize. */
const reference = { hiddenSize: 768, learningRate: 1e-3 };

export function shapeOfDepth(depth: number) {
  const hiddenSize = sizePerLayer * depth;
  const headDim = depth <= 2 ? 32 : 64;
  return { layers: depth, hiddenSize, attentionHeads: hiddenSize / headDim, headDim };
}

/** The default of every shape. */
export function intermediateSizeOf(hiddenSize: number): number {
  return Math.max(32, Math.round((8 * hiddenSize) / 3 / 32) * 32);
}

/** Rounded to two significant digits. */
export function learningRateOfDepth(depth: number): number {
  const rate = reference.learningRate * Math.sqrt(reference.hiddenSize / (sizePerLayer * depth));
  return Number(rate.toPrecision(2));
}

export const largestDefaultBatch = 64;

/** Small models are trained on little data: more steps help them more than larger batches. */
export function batchSizeOfDepth(depth: number): number {
  return Math.min(largestDefaultBatch, Math.max(8, 2 * depth));
}

/** The vocabulary of the default tokenizer; its training stops earlier if the data has too few words. */
export function vocabSizeOfLayers(layers: number): number {
  return Math.min(32_768, 1024 * layers);
}
