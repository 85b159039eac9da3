import { beforeAll, describe, expect, it } from "vitest";
import { deviceReport, openDevice } from "../../src/device/open-device.js";
import { generate } from "../../src/model/inference/generate.js";
import { loadModel, type Model } from "../../src/model/model.js";
import type { ModelFolder } from "../../src/model/files/model-folder.js";
import { createScorer } from "../../src/model/inference/score.js";
import type { ScoreBatch, PrefixGroup } from "../../src/model/inference/score-batch.js";
import { picoConfig, picoModel } from "./pico.js";

const device = (await deviceReport()).some(({ name, available }) => name === "cpu" && available) ? "cpu" : "reference";
const token = (i: number) => (i * i * 7 + i * 3 + 1) % picoConfig.vocabSize;
const groups: PrefixGroup[] = [
  { start: 0, prefix: 70, continuations: [9, 9, 4, 1, 0] },
  { start: 93, prefix: 1, continuations: [5, 3] },
  { start: 102, prefix: 33, continuations: [] },
];

/** A batch in which every row of the groups is predicted. */
function batchOf(all: readonly PrefixGroup[], N: number): ScoreBatch {
  const positions = new Int32Array(N);
  for (const { start, prefix, continuations } of all) {
    let row = start;
    for (let i = 0; i < prefix; i++) positions[row++] = i;
    for (const count of continuations) for (let i = 0; i < count; i++) positions[row++] = prefix + i;
  }
  return {
    ids: positions.map((_, n) => token(n)),
    positions,
    groups: all,
    rows: positions.map((_, n) => n),
    targets: positions.map((_, n) => token(n + 5)),
  };
}

/** The prefix and one continuation of a group as a separate text, with the rows of `whole` that it corresponds to. */
function textOf(
  whole: ScoreBatch,
  { start, prefix, continuations }: PrefixGroup,
  ending: number,
): { rows: number[]; batch: ScoreBatch } {
  const before = continuations.slice(0, ending).reduce((sum, count) => sum + count, 0);
  const row = (i: number) => (i < prefix ? start + i : start + before + i);
  const rows = Array.from({ length: prefix + (continuations[ending] ?? 0) }, (_, i) => row(i));
  const numbers = Int32Array.from(rows, (_, i) => i);
  const take = (values: Int32Array) => Int32Array.from(rows, (n) => values[n]);
  const groups = [{ start: 0, prefix: rows.length, continuations: [] }];
  return {
    rows,
    batch: { ids: take(whole.ids), positions: numbers, groups, rows: numbers, targets: take(whole.targets) },
  };
}

describe(`on the ${device} device`, () => {
  let source: ModelFolder;
  const open = async (threads: number, computeDType: "f32" | "bf16"): Promise<Model> =>
    loadModel(await openDevice(device, threads, computeDType), source, null);
  const whole = batchOf(groups, 135);
  beforeAll(async () => {
    source = await picoModel({ ...picoConfig, maxPositions: 128, eosIds: [] });
  });

  it("with a sliding window a continuation of a group attends to the same positions as its text alone", async () => {
    const windowed = await picoModel({
      ...picoConfig,
      family: "mistral",
      slidingWindow: 12,
      maxPositions: 128,
      eosIds: [],
    });
    const model = loadModel(await openDevice(device, 2, "f32"), windowed, null);
    const { losses } = await createScorer(model, 135).score(whole);
    const wide = await createScorer(await open(2, "f32"), 135).score(whole);
    expect(losses.filter((loss, n) => Math.abs(loss - wide.losses[n]) < 1e-6 * loss).length).toBeLessThan(
      losses.length / 2,
    );
    for (const [tree, ending] of [
      [groups[0], 2],
      [groups[1], 1],
      [groups[2], 0],
    ] as const) {
      const { rows, batch } = textOf(whole, tree, ending);
      const alone = await createScorer(model, rows.length).score(batch);
      rows.forEach((n, i) => expect(Math.abs(losses[n] - alone.losses[i])).toBeLessThan(1e-5 * (1 + alone.losses[i])));
    }
  });

  it("a continuation of a group scores as its text alone, within 1e-5 in f32, for any number of threads", async () => {
    const model = await open(1, "f32");
    const { losses, best } = await createScorer(model, 135).score(whole);
    for (const tree of groups) {
      for (let ending = 0; ending < Math.max(1, tree.continuations.length); ending++) {
        const { rows, batch } = textOf(whole, tree, ending);
        const alone = await createScorer(model, rows.length).score(batch);
        rows.forEach((n, i) => {
          expect(Math.abs(losses[n] - alone.losses[i])).toBeLessThan(1e-5 * (1 + alone.losses[i]));
          expect(best[n]).toBe(alone.best[i]);
        });
      }
    }
    expect(await createScorer(await open(3, "f32"), 200).score(whole)).toEqual({ losses, best });
  });

  it("weights rounded to bf16 when loaded give the same as weights rounded in every product", async () => {
    const loaded = await open(2, "bf16");
    const trained = loadModel(await openDevice(device, 2, "bf16"), source, {
      first: 0,
      end: picoConfig.layers,
      embeddings: true,
    });
    expect([loaded.head.dtype, trained.head.dtype]).toEqual(["bf16", "f32"]);
    expect(await createScorer(loaded, 135).score(whole)).toEqual(await createScorer(trained, 135).score(whole));
    const prompts = [[1, 2, 3], [4], Array.from({ length: 50 }, (_, i) => token(i))];
    const options = { maxTokens: 20, temperature: 0, seed: 0, stop: () => false };
    expect(await generate(loaded, prompts, options)).toEqual(await generate(trained, prompts, options));
  });

  it("a generated row is bit for bit the same, whatever other rows are in the batch", async () => {
    const model = await open(2, "bf16");
    const prompts = Array.from({ length: 40 }, (_, row) =>
      Array.from({ length: 1 + ((row * 5) % 17) }, (_, i) => token(row * 31 + i)),
    );
    const options = {
      maxTokens: 12,
      temperature: 0,
      seed: 0,
      stop: (row: number, { length }: readonly number[]) => length === 1 + (row % 12),
    };
    const alone = [];
    for (const [row, prompt] of prompts.entries()) {
      alone.push(
        (await generate(model, [prompt], { ...options, stop: (_, { length }) => length === 1 + (row % 12) }))[0],
      );
    }
    for (const batchSize of [1, 7, 32])
      expect(await generate(model, prompts, { ...options, batchSize })).toEqual(alone);
  });
});
