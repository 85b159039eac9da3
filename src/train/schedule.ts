import type { TrainingSettings } from "./settings.js";

/**
 * Learning rate of a step: linear warmup, then constant, cosine decay or WSD (warmup, stable, linear decay).
 *
 * @param step   1 … total, counted over the whole schedule (all rounds)
 * @param total  steps of the whole schedule
 */
export function learningRateAt(step: number, total: number, settings: TrainingSettings): number {
  const { learningRate, finalLearningRate, schedule } = settings;
  const warmupSteps = Math.round(settings.warmup * total);
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  if (schedule === "constant") return learningRate;
  const start = schedule === "wsd" ? total - Math.round(settings.decay * total) : warmupSteps;
  if (step <= start) return learningRate;
  const progress = (step - start) / Math.max(1, total - start);
  const shape = schedule === "wsd" ? 1 - progress : (1 + Math.cos(Math.PI * progress)) / 2;
  return learningRate * (finalLearningRate + (1 - finalLearningRate) * shape);
}
