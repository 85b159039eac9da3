import type { DeviceBuffer } from "../device/kernels.js";
import type { Model } from "../model/model.js";
import { parameters, type Parameter } from "../model/config/parameters.js";
import { StrataError } from "../errors/strata-error.js";
import { createMuon } from "./muon.js";
import type { OptimizerState } from "./optimizer-state.js";
import type { TrainingSettings } from "./settings.js";
import { usesMuon } from "./state-elements.js";

/** One step over all trained tensors with clipping by the global norm; zeroes the gradients. */
export interface Updater {
  /** The norm of each tensor's gradient and of all; waits for the device. */
  norms(): Promise<GradientNorms>;
  /** @param scale  of the loss whose gradients these are: they are divided by it */
  update(optimizerStep: number, learningRate: number, norms: GradientNorms, scale: number): void;
  /** Only zeroes the gradients. */
  skip(): void;
}

export interface GradientNorms {
  readonly global: number;
  /** The first tensor whose gradient is not finite, and the square of its norm; null if there is none. */
  readonly broken: { readonly name: string; readonly square: number } | null;
}

/** What a step knows before it updates a tensor. */
interface TensorStep {
  readonly parameter: Parameter;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly gradientScale: number;
  /** Counts from 1. */
  readonly optimizerStep: number;
}

type UpdateTensor = (step: TensorStep) => void;

export function createUpdater(model: Model, state: OptimizerState, settings: TrainingSettings): Updater {
  const trained = parameters(model.config).filter(({ name }) => model.gradients.has(name));
  const squares = model.device.allocate("f64", trained.length);
  const [adamW, muon] = [withAdamW(model, state, settings), withMuon(model, state, settings, trained)];
  return {
    norms: () => gradientNorms(model, trained, squares),
    update(optimizerStep, learningRate, { global }, scale) {
      const { maxGradNorm } = settings;
      const norm = global / scale;
      const gradientScale = (maxGradNorm !== null && norm > maxGradNorm ? maxGradNorm / norm : 1) / scale;
      for (const parameter of trained) {
        const weightDecay = parameter.decay ? settings.weightDecay : 0;
        const update = usesMuon(parameter, settings) ? muon : adamW;
        update({ parameter, learningRate, weightDecay, gradientScale, optimizerStep });
      }
    },
    skip() {
      for (const gradient of model.gradients.values()) {
        model.device.kernels.fill({ buffer: gradient, value: 0 });
        model.device.release(gradient);
      }
    },
  };
}

function withAdamW(model: Model, state: OptimizerState, { beta1, beta2, epsilon }: TrainingSettings): UpdateTensor {
  const { kernels, release } = model.device;
  return ({ parameter: { name }, optimizerStep: step, ...rest }) => {
    const buffers = [model.weights, model.gradients, state.m, state.v].map((map) => map.get(name) as DeviceBuffer);
    for (const [weight, gradient, m, v] of chunks(buffers)) {
      kernels.adamW({ weight, gradient, m, v, beta1, beta2, epsilon, step, ...rest });
      for (const chunk of [weight, gradient, m, v]) release(chunk);
    }
  };
}

/** Muon needs whole matrices. */
function withMuon(
  model: Model,
  state: OptimizerState,
  settings: TrainingSettings,
  trained: readonly Parameter[],
): UpdateTensor {
  const matrices = trained.filter((parameter) => usesMuon(parameter, settings));
  if (matrices.length === 0) return () => {};
  const muon = createMuon(model.device, matrices);
  const { momentum, muonScaling, muonBlockRows } = settings;
  return ({ parameter: { name, shape }, learningRate, weightDecay, gradientScale }) => {
    const [weight, gradient, m] = [model.weights, model.gradients, state.m].map((map) => map.get(name) as DeviceBuffer);
    const [rows, columns] = shape;
    const step = { learningRate, weightDecay, gradientScale, momentum, muonScaling, muonBlockRows, nesterov: true };
    muon.update({ rows, columns, weight, gradient, m }, step);
    for (const buffer of [weight, gradient, m]) model.device.release(buffer);
  };
}

/** @param squares  f64, one element per tensor; overwritten */
async function gradientNorms(
  { device, gradients }: Model,
  trained: readonly Parameter[],
  squares: DeviceBuffer,
): Promise<GradientNorms> {
  for (const [index, { name }] of trained.entries()) {
    const gradient = gradients.get(name) as DeviceBuffer;
    device.kernels.squaredNorm({ out: squares, index, x: gradient });
    device.release(gradient);
  }
  const values = Array.from(await device.read(squares));
  const at = values.findIndex((square) => !Number.isFinite(square));
  const broken = at < 0 ? null : { name: trained[at].name, square: values[at] };
  return { global: Math.sqrt(values.reduce((sum, square) => sum + square, 0)), broken };
}

/** Elements of a tensor that are updated together; with offload, only these are in memory. */
const chunkElements = 1 << 22;

export function* chunks(buffers: readonly DeviceBuffer[]): Iterable<readonly DeviceBuffer[]> {
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
