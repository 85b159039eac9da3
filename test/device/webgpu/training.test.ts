/** Training on a graphics adapter: the gradients of a model, and whole parts, beside the other devices. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { ShardReader } from "../../../src/corpus/shards/batches.js";
import { createReferenceDevice } from "../../../src/device/reference/reference-device.js";
import type { ComputeDType, Device } from "../../../src/device/kernels.js";
import { readJournal } from "../../../src/files/journal.js";
import { loadModel } from "../../../src/model/model.js";
import { createTrainingStep } from "../../../src/model/training/training-step.js";
import type { JournalEntry } from "../../../src/train/journal.js";
import { trainPart, type TrainPartOptions } from "../../../src/train/train-part.js";
import { newFolder } from "../../corpus/corpus-fixtures.js";
import { picoModel, randomBatch } from "../../model/pico.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { partConfig, partOptions, picoPart } from "../../train/pico-part.js";
import { plainExecution, smallSettings } from "../../train/small-settings.js";
import { normalizedError } from "../run-case.js";
import { noAdapter, openGpu } from "./adapter.js";

/** Of a test: software adapters take seconds to compile a shader. */
const timeout = 300_000;
const steps = 50;
const root = temporaryFolder();
const why = noAdapter === null ? "" : ` (skipped: ${noAdapter})`;

describe.skipIf(noAdapter !== null)(`training on webgpu${why}`, { timeout }, () => {
  let start: string;
  let data: ShardReader;
  let gpu: Readonly<Record<ComputeDType, Device>>;

  beforeAll(async () => {
    gpu = { f32: await openGpu("f32"), bf16: await openGpu("bf16"), f16: await openGpu("f16") };
    ({ start, data } = await picoPart(root));
  });

  const options = (device: Device, change: Partial<TrainPartOptions> = {}): TrainPartOptions =>
    partOptions({
      device,
      start,
      window: { first: 1, end: 3, embeddings: false },
      data,
      steps,
      stepsOfSchedule: steps,
      settings: { ...smallSettings, learningRate: 0.003 },
      execution: { ...plainExecution, checkpointSteps: 20 },
      folder: newFolder(root),
      ...change,
    });

  /** Trains a part. @returns its losses, and its model as it is in the file */
  async function train(given: TrainPartOptions) {
    await trainPart(given);
    const entries = readJournal<JournalEntry>(join(given.folder, "journal.jsonl"));
    return {
      losses: entries.flatMap((entry) => ("loss" in entry ? [Number(entry.loss)] : [])),
      model: readFileSync(join(given.folder, "model/model.safetensors")),
    };
  }

  test.each(["f32", "bf16", "f16"] as const)("gradients of a model in %s are the oracle's", async (dtype) => {
    const batch = randomBatch(partConfig, 2, 6);
    const window = { first: 0, end: 3, embeddings: true };
    const gradients = async (device: Device) => {
      const model = loadModel(device, await picoModel(partConfig), window);
      const loss = await createTrainingStep(model, 2, 6, false).run(batch, 1);
      const values = [...model.gradients].map(async ([name, buffer]) => [name, await device.read(buffer)] as const);
      return { loss, gradients: new Map(await Promise.all(values)) };
    };
    const [mine, oracle] = [await gradients(gpu[dtype]), await gradients(createReferenceDevice("f64", dtype))];
    const limit = dtype === "f32" ? 1e-11 : 1e-3;
    expect(Math.abs(mine.loss - oracle.loss)).toBeLessThan(dtype === "f32" ? 1e-5 : 0.02);
    expect(mine.gradients.size).toBeGreaterThan(20);
    for (const [name, values] of mine.gradients)
      expect(normalizedError(values, oracle.gradients.get(name)!), name).toBeLessThan(limit);
  });

  test.each(["f32", "bf16", "f16"] as const)(
    "50 steps in %s have the losses of the reference device",
    async (dtype) => {
      const [mine, other] = [
        await train(options(gpu[dtype])),
        await train(options(createReferenceDevice("f32", dtype))),
      ];
      expect(mine.losses).toHaveLength(steps);
      const differences = mine.losses.map((loss, at) => Math.abs(loss - other.losses[at]));
      expect(Math.max(...differences)).toBeLessThan({ f32: 1e-4, bf16: 0.02, f16: 0.003 }[dtype]);
      expect(mine.losses[0] - mine.losses[steps - 1]).toBeGreaterThan(0.3);
    },
  );

  test("a part gives the same bytes again, also if it is stopped and continued", async () => {
    const whole = await train(options(gpu.f32));
    const folder = newFolder(root);
    const stop = (step: number) => {
      if (step === 33) throw new Error("killed");
    };
    const killed = trainPart(options(gpu.f32, { folder, onProgress: ({ step }) => stop(step) }));
    await expect(killed).rejects.toThrow("killed");
    expect((await train(options(gpu.f32, { folder }))).model.equals(whole.model)).toBe(true);
  });

  test("checkpointed activations, a cached prefix and offload change no byte", async () => {
    const plain = options(gpu.f32, { steps: 8, stepsOfSchedule: 8 });
    const { model } = await train(plain);
    const saved = { ...plain.execution, activationCheckpointing: true, offload: true, prefixCacheGigabytes: 0.1 };
    const other = await train({ ...plain, folder: newFolder(root), execution: saved });
    expect(other.model.equals(model)).toBe(true);
  });
});
