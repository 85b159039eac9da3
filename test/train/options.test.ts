import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openShards } from "../../src/corpus/shards/batches.js";
import { cutShards } from "../../src/corpus/shards/shards.js";
import { openDevice, deviceReport } from "../../src/device/open-device.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { loadModel } from "../../src/model/model.js";
import type { Window } from "../../src/model/config/window.js";
import { defaultMicroBatch } from "../../src/train/micro-batch.js";
import { createStepGradients } from "../../src/train/step-gradients.js";
import type { ExecutionOptions, TrainingSettings } from "../../src/train/settings.js";
import { trainPart } from "../../src/train/train-part.js";
import { newFolder, tokenized } from "../corpus/corpus-fixtures.js";
import { picoConfig, picoModel } from "../model/pico.js";
import { temporaryFolder } from "../temporary-folder.js";
import { plainExecution, smallSettings } from "./small-settings.js";

const root = temporaryFolder();
const settings: TrainingSettings = { ...smallSettings, sequenceLength: 16, warmup: 0.1 };
const cpu = (await deviceReport())[0].available;

/** A shard of 30 documents and a model of six layers. */
async function pieces() {
  const [source, shards] = [newFolder(root), newFolder(root)];
  await tokenized(
    source,
    Array.from({ length: 30 }, (_, i) => String.fromCharCode(97 + (i % 26)).repeat(5 + ((i * 7) % 23))),
  );
  await cutShards({ sources: [source], shards: 1, seed: 4, folder: shards });
  const model = await picoModel({ ...picoConfig, layers: 6, vocabSize: 258 });
  return { model, data: openShards(shards, [0], settings.sequenceLength) };
}

/** The trained model's bytes after about 2.5 passes over the data. */
async function trained(window: Window, options: ExecutionOptions): Promise<Buffer> {
  const { model, data } = await pieces();
  const folder = newFolder(root);
  const steps = Math.round((2.5 * data.sequences) / 4);
  await trainPart({
    device: await openDevice(cpu ? "cpu" : "reference", 2, "bf16"),
    start: model.folder,
    window,
    data,
    settings,
    execution: options,
    steps,
    stepsBefore: 0,
    stepsOfSchedule: steps,
    snapshots: [],
    previous: null,
    keepsMoments: false,
    folder,
    identity: "part",
    signal: new AbortController().signal,
  });
  expect(existsSync(join(folder, "prefix-cache.partial"))).toBe(false);
  return readFileSync(join(folder, "model", "model.safetensors"));
}

it.each<Window>([
  { first: 2, end: 4, embeddings: false },
  { first: 4, end: 6, embeddings: false },
  { first: 0, end: 2, embeddings: false },
  { first: 0, end: 6, embeddings: true },
])(
  "a part has the same bytes with activation checkpointing, a prefix cache and offload, $first-$end",
  async (window) => {
    const bytes = await trained(window, plainExecution);
    expect((await trained(window, { ...plainExecution, activationCheckpointing: true })).equals(bytes)).toBe(true);
    // The cache has room for all sequences; for three.
    for (const prefixCacheGigabytes of [1, (3 * 16 * picoConfig.hiddenSize * 4) / 1e9]) {
      expect((await trained(window, { ...plainExecution, prefixCacheGigabytes })).equals(bytes)).toBe(true);
    }
    expect(
      (await trained(window, { ...plainExecution, activationCheckpointing: true, prefixCacheGigabytes: 1 })).equals(
        bytes,
      ),
    ).toBe(true);
    expect((await trained(window, { ...plainExecution, offload: true })).equals(bytes)).toBe(true);
    expect(
      (
        await trained(window, {
          ...plainExecution,
          activationCheckpointing: true,
          offload: true,
          prefixCacheGigabytes: 1,
        })
      ).equals(bytes),
    ).toBe(true);
  },
);

it("a step's gradient is the same up to rounding however its sequences are grouped into passes", async () => {
  const { model: source, data } = await pieces();
  const gradientsWith = async (microBatchSize: number) => {
    const model = loadModel(createReferenceDevice("f64"), source, { first: 2, end: 6, embeddings: true });
    const step = createStepGradients(model, {
      window: { first: 2, end: 6, embeddings: true },
      data,
      settings: { ...settings, microBatchSize },
      execution: plainExecution,
      lastStep: 2,
      folder: root,
    });
    const accumulated = await step.accumulate(2, 1);
    const [loss, tokens] = [await accumulated.loss, accumulated.tokens];
    step.close();
    const gradients = await Promise.all([...model.gradients.values()].map((gradient) => model.device.read(gradient)));
    return { loss, tokens, gradients: gradients.flatMap((gradient) => Array.from(gradient)) };
  };
  const whole = await gradientsWith(4);
  for (const microBatchSize of [1, 2]) {
    const { loss, tokens, gradients } = await gradientsWith(microBatchSize);
    expect(tokens).toBe(whole.tokens);
    expect(Math.abs(loss - whole.loss)).toBeLessThan(1e-12);
    expect(Math.max(...gradients.map((value, i) => Math.abs(value - whole.gradients[i])))).toBeLessThan(1e-12);
  }
});

it("passes divide a step's sequences and have no more than 2048 tokens, or one sequence", () => {
  const of = (batchSize: number, sequenceLength: number) => defaultMicroBatch(batchSize, sequenceLength);
  expect([of(16, 256), of(8, 512), of(8, 64), of(12, 400), of(7, 400), of(4, 4096), of(1, 512)]).toEqual([
    8, 4, 8, 4, 1, 1, 1,
  ]);
});
