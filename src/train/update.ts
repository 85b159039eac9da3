import type { DeviceBuffer } from "../device/kernels.js";
import type { Model } from "../model/model.js";
import { parameters } from "../model/parameters.js";
import { StrataError } from "../tensor/errors.js";
import type { OptimizerState } from "./optimizer-state.js";
import type { TrainingSettings } from "./settings.js";

/** One AdamW step over all trained tensors, clipped by their global norm; the gradients are zero afterwards. */
export interface Updater {
  /** Returns the norm before clipping. @throws StrataError naming the first tensor whose gradient is not finite */
  update(step: number, optimizerStep: number, learningRate: number): Promise<number>;
}

export function createUpdater(model: Model, state: OptimizerState, settings: TrainingSettings): Updater {
  const { kernels } = model.device;
  const trained = parameters(model.config).filter(({ name }) => model.gradients.has(name));
  const norms = model.device.allocate("f64", trained.length);
  return {
    async update(step, optimizerStep, learningRate) {
      trained.forEach(({ name }, i) => kernels.squaredNorm(norms, i, model.gradients.get(name) as DeviceBuffer));
      const squares = Array.from(await model.device.read(norms));
      const broken = squares.findIndex((square) => !Number.isFinite(square));
      if (broken >= 0) throw notFinite(`step ${step}, gradient of ${trained[broken].name}`, String(squares[broken]));
      const norm = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
      const gradientScale = settings.clip !== null && norm > settings.clip ? settings.clip / norm : 1;
      for (const { name, decay } of trained) {
        const gradient = model.gradients.get(name) as DeviceBuffer;
        const [weight, m, v] = [model.weights, state.m, state.v].map((map) => map.get(name) as DeviceBuffer);
        kernels.adamW(weight, gradient, m, v, {
          learningRate,
          beta1: settings.beta1,
          beta2: settings.beta2,
          epsilon: settings.epsilon,
          weightDecay: decay ? settings.weightDecay : 0,
          step: optimizerStep,
          gradientScale,
        });
      }
      return norm;
    },
  };
}

export function notFinite(where: string, got: string): StrataError {
  return new StrataError("TrainingError", {
    where,
    expected: "a finite number",
    got,
    hint:
      "Training has diverged; the last checkpoint is kept. Lower training.learningRate, lengthen training.warmup or lower " +
      "training.clip, then run again.",
  });
}
