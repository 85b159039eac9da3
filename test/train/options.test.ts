import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openShards } from "../../src/corpus/batches.js";
import { cutShards } from "../../src/corpus/shards.js";
import { openDevice, deviceReport } from "../../src/device/open-device.js";
import type { Window } from "../../src/model/parameters.js";
import type { TrainingOptions, TrainingSettings } from "../../src/train/settings.js";
import { trainPart } from "../../src/train/train-part.js";
import { newFolder, tokenized } from "../corpus/pieces.js";
import { picoConfig, picoModel } from "../model/pico.js";
import { temporaryFolder } from "../temporary-folder.js";

const root = temporaryFolder();
const settings: TrainingSettings = {
  sequenceLength: 16, batchSize: 2, accumulate: 2, learningRate: 0.01, schedule: "cosine", warmup: 0.1, decay: 0.2,
  finalLearningRate: 0.1, weightDecay: 0.1, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, clip: 1,
};
const plain: TrainingOptions = { checkpointMinutes: null, checkpointSteps: null, recompute: false, prefixCacheGigabytes: 0 };
const native = deviceReport()[0].available;

/** The trained model's bytes after some 2.5 passes over the data. */
async function trained(window: Window, options: TrainingOptions): Promise<Buffer> {
  const [source, shards, folder] = [newFolder(root), newFolder(root), newFolder(root)];
  await tokenized(source, Array.from({ length: 30 }, (_, i) => String.fromCharCode(97 + (i % 26)).repeat(5 + ((i * 7) % 23))));
  await cutShards({ sources: [source], shards: 1, seed: 4, folder: shards });
  const model = await picoModel({ ...picoConfig, layers: 6, vocabularySize: 258 });
  const data = openShards(shards, [0], settings.sequenceLength);
  const steps = Math.round((2.5 * data.sequences) / 4);
  await trainPart({
    device: openDevice(native ? "native" : "reference", 2, "bf16"), start: model.folder, window, data, settings, options, steps,
    stepsBefore: 0, stepsOfSchedule: steps, snapshots: [], previous: null, folder, identity: "part", signal: new AbortController().signal,
  });
  expect(existsSync(join(folder, "prefix-cache.partial"))).toBe(false);
  return readFileSync(join(folder, "model", "model.safetensors"));
}

it.each<Window>([
  { first: 2, end: 4, outer: false }, { first: 4, end: 6, outer: false }, { first: 0, end: 2, outer: false }, { first: 0, end: 6, outer: true },
])("a part has the same bytes with activations made again and with the frozen prefix from the disk, $first-$end", async (window) => {
  const bytes = await trained(window, plain);
  expect((await trained(window, { ...plain, recompute: true })).equals(bytes)).toBe(true);
  // All sequences fit; three do.
  for (const prefixCacheGigabytes of [1, (3 * 16 * picoConfig.width * 4) / 1e9]) {
    expect((await trained(window, { ...plain, prefixCacheGigabytes })).equals(bytes)).toBe(true);
  }
  expect((await trained(window, { ...plain, recompute: true, prefixCacheGigabytes: 1 })).equals(bytes)).toBe(true);
});
