import type { DeviceBuffer } from "../device/kernels.js";
import type { Model } from "../model/model.js";
import { parameters, type Parameter } from "../model/config/parameters.js";
import { StrataError } from "../errors/strata-error.js";
import type { OptimizerState } from "./optimizer-state.js";
import type { TrainingSettings } from "./settings.js";

/** One AdamW step over all trained tensors with clipping by the global norm; zeroes the gradients. */
export interface Updater {
  /** Returns the norm before clipping. @throws StrataError naming the first tensor whose gradient is not finite */
  update(step: number, optimizerStep: number, learningRate: number): Promise<number>;
}

export function createUpdater(model: Model, state: OptimizerState, settings: TrainingSettings): Updater {
  const { kernels, release } = model.device;
  const trained = parameters(model.config).filter(({ name }) => model.gradients.has(name));
  const squares = model.device.allocate("f64", trained.length);
  return {
    async update(step, optimizerStep, learningRate) {
      const norm = await globalNorm(model, trained, squares, step);
      const { maxGradNorm } = settings;
      const gradientScale = maxGradNorm !== null && norm > maxGradNorm ? maxGradNorm / norm : 1;
      for (const { name, decay } of trained) {
        const { beta1, beta2, epsilon } = settings;
        const weightDecay = decay ? settings.weightDecay : 0;
        const buffers = [model.weights, model.gradients, state.m, state.v].map((map) => map.get(name) as DeviceBuffer);
        for (const [weight, gradient, m, v] of chunks(buffers)) {
          kernels.adamW({
            weight,
            gradient,
            m,
            v,
            learningRate,
            beta1,
            beta2,
            epsilon,
            weightDecay,
            step: optimizerStep,
            gradientScale,
          });
          for (const chunk of [weight, gradient, m, v]) release(chunk);
        }
      }
      return norm;
    },
  };
}

/**
 * Norm over the gradients of all trained tensors.
 *
 * @param squares  f64, one element per tensor; overwritten
 * @throws StrataError naming the first tensor whose gradient is not finite
 */
async function globalNorm(
  { device, gradients }: Model,
  trained: readonly Parameter[],
  squares: DeviceBuffer,
  step: number,
): Promise<number> {
  for (const [index, { name }] of trained.entries()) {
    const gradient = gradients.get(name) as DeviceBuffer;
    device.kernels.squaredNorm({ out: squares, index, x: gradient });
    device.release(gradient);
  }
  const values = Array.from(await device.read(squares));
  const broken = values.findIndex((square) => !Number.isFinite(square));
  if (broken >= 0) throw notFinite(`step ${step}, gradient of ${trained[broken].name}`, String(values[broken]));
  return Math.sqrt(values.reduce((sum, square) => sum + square, 0));
}

/** Elements of a tensor that are updated together; with offload, only these are in memory. */
const chunkElements = 1 << 22;

function* chunks(buffers: readonly DeviceBuffer[]): Iterable<readonly DeviceBuffer[]> {
  const { length } = buffers[0];
  for (let at = 0; at < length; at += chunkElements) {
    yield buffers.map((buffer) => buffer.slice(at, Math.min(chunkElements, length - at)));
  }
}

export function notFinite(where: string, got: string): StrataError {
  return new StrataError("TrainingError", {
    where,
    expected: "a finite number",
    got,
    hint:
      "Training has diverged; the last checkpoint is kept. Lower training.learningRate, lengthen training.warmup or " +
      "lower training.maxGradNorm, then run again.",
  });
}
