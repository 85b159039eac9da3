import type { DocumentText } from "../corpus/documents/dataset.js";

import type { Shape } from "./kinds/start.js";
import type { ShapeRecipe, TextRecipe, TrainingRecipe } from "../recipe/recipe.js";
import type { TrainingOptions, TrainingSettings } from "../train/settings.js";

/** Maps the keys of a recipe to the names that jobs use. */

export function documentText(text: TextRecipe): DocumentText {
  if ("prompt" in text) return { template: text.prompt, answer: text.completion };
  if ("template" in text) return { template: text.template, answer: null };
  return "messages" in text ? { messages: text.messages } : { field: text.field };
}

export function modelShape(shape: ShapeRecipe): Shape {
  return {
    layers: shape.layers,
    width: shape.hiddenSize,
    queryHeads: shape.attentionHeads,
    keyValueHeads: shape.keyValueHeads,
    headWidth: shape.headDim,
    feedForwardWidth: shape.intermediateSize,
    tiedHead: shape.tieWordEmbeddings,
    ropeTheta: shape.ropeTheta,
    normEpsilon: shape.rmsNormEps,
    maximumPositions: shape.maxPositions,
  };
}

export function trainingSettings(training: TrainingRecipe): TrainingSettings {
  const { sequenceLength, batchSize, learningRate, schedule, warmup, decay, finalLearningRate } = training;
  const { weightDecay, beta1, beta2, epsilon, microBatchSize, maxGradNorm } = training;
  return {
    sequenceLength,
    batchSize,
    microBatch: microBatchSize,
    learningRate,
    schedule,
    warmup,
    decay,
    finalLearningRate,
    weightDecay,
    beta1,
    beta2,
    epsilon,
    clip: maxGradNorm,
  };
}

export function trainingOptions(training: TrainingRecipe): TrainingOptions {
  const { checkpointMinutes, checkpointSteps, activationCheckpointing, offload, prefixCacheGigabytes } = training;
  return { checkpointMinutes, checkpointSteps, recompute: activationCheckpointing, offload, prefixCacheGigabytes };
}
