import { join } from "node:path";
import { expect, it } from "vitest";
import type { Device, DeviceBuffer } from "../../src/device/kernels.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { generate } from "../../src/model/inference/generate.js";
import { loadModel } from "../../src/model/model.js";
import { createScorer } from "../../src/model/inference/score.js";
import { createTrainingStep } from "../../src/model/training/training-step.js";
import { trainPart } from "../../src/train/train-part.js";
import { temporaryFolder } from "../temporary-folder.js";
import { picoConfig, picoModel, randomBatch } from "./pico.js";
import { plainAdamW } from "../train/adamw.js";

const [B, T] = [2, 8];

/** A device that counts its buffers in use. */
function watchedDevice(): { device: Device; inUse: () => number } {
  const device = createReferenceDevice("f32", "bf16");
  const buffers = new Set<DeviceBuffer>();
  const watch = (buffer: DeviceBuffer) => {
    buffers.add(buffer);
    return buffer;
  };
  return {
    device: {
      ...device,
      allocate: (...sizes) => watch(device.allocate(...sizes)),
      allocateScratch: (...sizes) => watch(device.allocateScratch(...sizes)),
      map: (...range) => watch(device.map(...range)),
      free(buffer) {
        device.free(buffer);
        buffers.delete(buffer);
      },
    },
    inUse: () => buffers.size,
  };
}

it("a training step, a scorer and a generation free their memory, and the model its weights", async () => {
  const source = await picoModel(picoConfig);
  for (const window of [null, { first: 1, end: 2, embeddings: false }]) {
    const { device, inUse } = watchedDevice();
    const model = loadModel(device, source, window);
    const weights = inUse();
    expect(weights).toBeGreaterThan(10);
    const scorer = createScorer(model, 8);
    const group = { start: 0, prefix: 2, continuations: [2, 1] };
    const [ids, positions] = [Int32Array.of(1, 2, 3, 4, 5), Int32Array.of(0, 1, 2, 3, 2)];
    await scorer.score({ ids, positions, groups: [group], rows: Int32Array.of(3), targets: Int32Array.of(1) });
    expect(inUse()).toBeGreaterThan(weights);
    scorer.close();
    expect(inUse()).toBe(weights);
    await generate(model, [[2, 3]], { maxTokens: 2, temperature: 0, seed: 0, stop: () => false });
    expect(inUse()).toBe(weights);
    if (window) {
      const step = createTrainingStep(model, B, T);
      await step.run(randomBatch(picoConfig, B, T), 1);
      step.close();
      expect(inUse()).toBe(weights);
    }
    model.close();
    expect(inUse()).toBe(0);
  }
});

it("a generation that fails frees its memory", async () => {
  const { device, inUse } = watchedDevice();
  const model = loadModel(device, await picoModel(picoConfig), null);
  const weights = inUse();
  const between = () => Promise.reject(new Error("stopped"));
  const options = { maxTokens: 3, temperature: 1, seed: 0, stop: () => false, between };
  await expect(generate(model, [[2, 3]], options)).rejects.toThrow("stopped");
  expect(inUse()).toBe(weights);
});

it("a part leaves nothing allocated on the device, trained or failed", async () => {
  const { folder: start } = await picoModel(picoConfig);
  for (const ids of [1, picoConfig.vocabSize]) {
    const { device, inUse } = watchedDevice();
    const batch = { ...randomBatch(picoConfig, B, T), ids: new Int32Array(B * T).fill(ids) };
    const part = trainPart({
      device,
      start,
      window: { first: 0, end: 2, embeddings: true },
      data: { sequences: 4, tokens: 64, batch: () => batch },
      steps: 1,
      stepsBefore: 0,
      stepsOfSchedule: 1,
      settings: {
        sequenceLength: T,
        batchSize: B,
        microBatchSize: B,
        learningRate: 1e-3,
        schedule: "constant",
        warmup: 0,
        decay: 0,
        finalLearningRate: 0,
        weightDecay: 0,
        beta1: 0.9,
        beta2: 0.95,
        epsilon: 1e-8,
        maxGradNorm: 1,
        ...plainAdamW,
      },
      execution: {
        checkpointSteps: null,
        checkpointMinutes: null,
        activationCheckpointing: false,
        offload: true,
        prefixCacheGigabytes: 0,
      },
      snapshots: [],
      previous: null,
      keepsMoments: false,
      folder: join(temporaryFolder(), "part"),
      identity: "one",
      signal: new AbortController().signal,
    });
    if (ids === 1) expect((await part).steps).toBe(1);
    else await expect(part).rejects.toThrow("batch ids[0]");
    expect(inUse()).toBe(0);
  }
});
