import { batchSizeOfDepth, intermediateSizeOf, learningRateOfDepth, shapeOfDepth } from "../defaults/depth-rules.js";
import type { Path } from "../errors/issue.js";
import type { ModelRecipe, ShapeRecipe, TrainingRecipe } from "../recipe.js";
import { explicitShape, type WrittenModel, type WrittenShape } from "../schema/model.js";
import { defaultBatchSize, defaultLearningRate, type WrittenTraining } from "../schema/training.js";
import { defaultMicroBatch } from "../../train/micro-batch.js";

/**
 * @param depth        the recipe's `depth`; null if it has none
 * @param resolvePath  the absolute path of a file named at a place of the recipe
 */
export function resolveModel(
  model: WrittenModel,
  depth: number | null,
  resolvePath: (file: string, at: Path) => string,
): ModelRecipe {
  if ("depth" in model) return { random: resolveShape(model) };
  if ("folder" in model) return { folder: resolvePath(model.folder, ["model", "folder"]) };
  if ("random" in model) return { random: resolveShape(model.random) };
  const { shape, data, training } = model.pretrain;
  return { pretrain: { shape: resolveShape(shape), data, training: resolveTraining(training, depth) } };
}

export function resolveTraining(training: WrittenTraining, depth: number | null): TrainingRecipe {
  const batchSize = training.batchSize ?? (depth === null ? defaultBatchSize : batchSizeOfDepth(depth));
  const learningRate = training.learningRate ?? (depth === null ? defaultLearningRate : learningRateOfDepth(depth));
  const microBatchSize = training.microBatchSize ?? defaultMicroBatch(batchSize, training.sequenceLength);
  return { ...training, batchSize, learningRate, microBatchSize };
}

function resolveShape(written: WrittenShape): ShapeRecipe {
  const shape = "depth" in written ? explicitShape.parse(shapeOfDepth(written.depth)) : written;
  const { hiddenSize, attentionHeads } = shape;
  return {
    ...shape,
    keyValueHeads: shape.keyValueHeads ?? attentionHeads,
    headDim: shape.headDim ?? hiddenSize / attentionHeads,
    intermediateSize: shape.intermediateSize ?? intermediateSizeOf(hiddenSize),
  };
}
