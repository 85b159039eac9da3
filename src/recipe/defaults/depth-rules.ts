/** One dial: what follows from the depth of a model. docs/recipe.md states these rules under "One dial". */

const sizePerLayer = 64;
/** Hidden size and learning rate of the reference model; the rate falls with the root of the hidden size. */
const reference = { hiddenSize: 768, learningRate: 1e-3 };

export function shapeOfDepth(depth: number) {
  const hiddenSize = sizePerLayer * depth;
  const headDim = depth <= 2 ? 32 : 64;
  return { layers: depth, hiddenSize, attentionHeads: hiddenSize / headDim, headDim };
}

/** Of every shape that does not set it. */
export function intermediateSizeOf(hiddenSize: number): number {
  return Math.max(32, Math.round((8 * hiddenSize) / 3 / 32) * 32);
}

/** With two significant digits. */
export function learningRateOfDepth(depth: number): number {
  const rate = reference.learningRate * Math.sqrt(reference.hiddenSize / (sizePerLayer * depth));
  return Number(rate.toPrecision(2));
}

/** Small models see little data here: more steps help them more than larger batches. */
export function batchSizeOfDepth(depth: number): number {
  return Math.min(64, Math.max(8, 2 * depth));
}

/** Of a tokenizer that a recipe does not mention; training stops earlier where the data has too few words. */
export function vocabSizeOfLayers(layers: number): number {
  return Math.min(32_768, 1024 * layers);
}
