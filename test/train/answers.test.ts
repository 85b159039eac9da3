import { expect, it } from "vitest";
import { openShards, type ShardReader } from "../../src/corpus/shards/batches.js";
import { cutShards } from "../../src/corpus/shards/shards.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import type { Batch } from "../../src/model/layers/batch.js";
import { loadModel } from "../../src/model/model.js";
import { createStepGradients } from "../../src/train/step-gradients.js";
import { newFolder, tokenized } from "../corpus/corpus-fixtures.js";
import { picoConfig, picoModel } from "../model/pico.js";
import { temporaryFolder } from "../temporary-folder.js";
import { plainAdamW } from "./adamw.js";

const root = temporaryFolder();
const [T, B] = [12, 4];
const pairs = Array.from({ length: 12 }, (_, i) => [`Q: ${"what ".repeat(i % 3)}${i}?`, ` ${i * i}`]);

async function shardsWith(lossOn: "all" | "completions"): Promise<ShardReader> {
  const [source, folder] = [newFolder(root), newFolder(root)];
  await tokenized(source, pairs, { lossOn });
  await cutShards({ sources: [source], shards: 1, seed: 4, folder });
  return openShards(folder, [0], T);
}

const settings = {
  sequenceLength: T,
  batchSize: B,
  microBatchSize: 2,
  learningRate: 0.01,
  schedule: "constant",
  warmup: 0,
  decay: 0,
  finalLearningRate: 0.1,
  weightDecay: 0,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  maxGradNorm: null,
  ...plainAdamW,
} as const;
const execution = {
  checkpointMinutes: null,
  checkpointSteps: null,
  activationCheckpointing: false,
  offload: false,
  prefixCacheGigabytes: 0,
};
const window = { first: 0, end: picoConfig.layers, embeddings: true };

it("the gradient of completions is that of hand-made targets, averaged over their tokens only", async () => {
  const source = await picoModel({ ...picoConfig, vocabSize: 258 });
  const gradientOf = async (data: ShardReader) => {
    const model = loadModel(createReferenceDevice("f64"), source, window);
    const step = createStepGradients(model, { window, data, settings, execution, lastStep: 1, folder: root });
    const accumulated = await step.accumulate(1, 1);
    const [loss, tokens] = [await accumulated.loss, accumulated.tokens];
    step.close();
    const gradients = await Promise.all([...model.gradients.values()].map((gradient) => model.device.read(gradient)));
    return { loss, tokens, gradients: gradients.flatMap((gradient) => Array.from(gradient)) };
  };
  const whole = await shardsWith("all");
  const withTargets = (change: (batch: Batch, first: number) => Int32Array): ShardReader => ({
    ...whole,
    batch(sequence, count) {
      const batch = whole.batch(sequence, count);
      return { ...batch, targets: change(batch, sequence * T) };
    },
  });
  // A document continued from the previous sequence is in its completion if the question mark came before.
  const all = whole.batch(0, whole.sequences);
  const byHand = withTargets(({ targets }, first) =>
    targets.map((target, n) => {
      const before = all.ids.slice(0, first + n + 1);
      return before.lastIndexOf(63) > before.lastIndexOf(256) ? target : -1;
    }),
  );
  const completions = await gradientOf(await shardsWith("completions"));
  expect(completions).toEqual(await gradientOf(byHand));
  expect(completions.tokens).toBeLessThan((await gradientOf(whole)).tokens);

  const targets = byHand.batch(0, B).targets;
  const places = [...targets.keys()].filter((n) => targets[n] >= 0);
  expect(completions.tokens).toBe(places.length);
  const mean = new Float64Array(completions.gradients.length);
  for (const place of places) {
    const { gradients } = await gradientOf(
      withTargets((batch, first) => batch.targets.map((target, n) => (first + n === place ? target : -1))),
    );
    gradients.forEach((value, i) => (mean[i] += value / places.length));
  }
  expect(Math.max(...completions.gradients.map((value, i) => Math.abs(value - mean[i])))).toBeLessThan(1e-12);
});
