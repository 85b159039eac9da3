import { describe, expect, test } from "vitest";
import type { ComputeDType } from "../../../src/device/kernels.js";
import { CommandQueue } from "../../../src/device/webgpu/command-queue.js";
import { deviceOn } from "../../../src/device/webgpu/create-device.js";
import { requiredLimits } from "../../../src/device/webgpu/adapter/find-adapter.js";
import { loadGpu } from "../../../src/device/webgpu/adapter/gpu-package.js";
import { loadModel } from "../../../src/model/model.js";
import { createTrainingStep } from "../../../src/model/training/training-step.js";
import { trainingMemoryBytes } from "../../../src/plan/memory.js";
import { createOptimizerState } from "../../../src/train/optimizer-state.js";
import { createUpdater } from "../../../src/train/update.js";
import { picoConfig, picoModel, randomBatch } from "../../model/pico.js";
import { plainAdamW } from "../../train/adamw.js";

const { gpu, reason } = await loadGpu({ backend: "null" });
const why = reason === null ? "" : ` (skipped: ${reason})`;
const [B, T] = [4, 128];
const window = { first: 2, end: 4, embeddings: false };
/** Large enough that the scratch memory of kernels is a small share. */
const config = {
  ...picoConfig,
  vocabSize: 4096,
  hiddenSize: 256,
  layers: 6,
  attentionHeads: 8,
  keyValueHeads: 2,
  headDim: 32,
  intermediateSize: 1024,
  maxPositions: T,
};

/** Bytes of GPU memory at most in three training steps. */
async function measured(computeDType: ComputeDType, activationCheckpointing: boolean): Promise<number> {
  const adapter = await gpu?.requestAdapter();
  if (!adapter) throw new Error("the null backend has no adapter");
  const queue = new CommandQueue(await adapter.requestDevice({ requiredLimits: requiredLimits(adapter) }));
  const device = deviceOn(queue, { computeDType, name: "null", rate: 1e12, isSoftware: false });
  const settings = { ...plainAdamW, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, maxGradNorm: 1 };
  const model = loadModel(device, await picoModel(config, 1, "bf16"), window);
  const updater = createUpdater(model, createOptimizerState(model, settings as never), settings as never);
  const step = createTrainingStep(model, B, T, activationCheckpointing);
  for (let i = 1; i <= 3; i++) {
    await step.run(randomBatch(config, B, T), 1);
    updater.update(i, 1e-3, await updater.norms(), 1);
  }
  return queue.peakBytes;
}

describe.skipIf(gpu === null)(`the memory that a plan states${why}`, () => {
  test.each([
    ["f32", false],
    ["bf16", false],
    ["bf16", true],
    ["f16", false],
  ] as const)("is that of the GPU within a tenth, in %s, activation checkpointing %s", async (dtype, checkpointing) => {
    const savings = { ...plainAdamW, activationCheckpointing: checkpointing, offload: false };
    const plan = trainingMemoryBytes(config, window, B, T, 2, dtype, savings);
    const ratio = (await measured(dtype, checkpointing)) / (plan.total - plan.process);
    expect(ratio).toBeGreaterThan(0.9);
    expect(ratio).toBeLessThan(1.1);
  });
});
