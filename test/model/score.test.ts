import { beforeAll, describe, expect, it } from "vitest";
import { deviceReport, openDevice } from "../../src/device/open-device.js";
import { generate } from "../../src/model/inference/generate.js";
import { loadModel, type Model } from "../../src/model/model.js";
import type { ModelFolder } from "../../src/model/files/model-folder.js";
import { createScorer } from "../../src/model/inference/score.js";
import type { ScoreBatch, Tree } from "../../src/model/inference/score-batch.js";
import { picoConfig, picoModel } from "./pico.js";

const device = deviceReport().some(({ name, available }) => name === "cpu" && available) ? "cpu" : "reference";
const token = (i: number) => (i * i * 7 + i * 3 + 1) % picoConfig.vocabularySize;
const trees: Tree[] = [
  { start: 0, trunk: 70, endings: [9, 9, 4, 1, 0] },
  { start: 93, trunk: 1, endings: [5, 3] },
  { start: 102, trunk: 33, endings: [] },
];

/** Every row of the trees predicts. */
function batchOf(all: readonly Tree[], N: number): ScoreBatch {
  const positions = new Int32Array(N);
  for (const { start, trunk, endings } of all) {
    let row = start;
    for (let i = 0; i < trunk; i++) positions[row++] = i;
    for (const count of endings) for (let i = 0; i < count; i++) positions[row++] = trunk + i;
  }
  return {
    ids: positions.map((_, n) => token(n)),
    positions,
    trees: all,
    rows: positions.map((_, n) => n),
    targets: positions.map((_, n) => token(n + 5)),
  };
}

/** The trunk and one ending of a tree as a text of its own, with the rows of `whole` that it stands for. */
function textOf(
  whole: ScoreBatch,
  { start, trunk, endings }: Tree,
  ending: number,
): { rows: number[]; batch: ScoreBatch } {
  const before = endings.slice(0, ending).reduce((sum, count) => sum + count, 0);
  const row = (i: number) => (i < trunk ? start + i : start + before + i);
  const rows = Array.from({ length: trunk + (endings[ending] ?? 0) }, (_, i) => row(i));
  const numbers = Int32Array.from(rows, (_, i) => i);
  const take = (values: Int32Array) => Int32Array.from(rows, (n) => values[n]);
  const trees = [{ start: 0, trunk: rows.length, endings: [] }];
  return {
    rows,
    batch: { ids: take(whole.ids), positions: numbers, trees, rows: numbers, targets: take(whole.targets) },
  };
}

describe(`on the ${device} device`, () => {
  let source: ModelFolder;
  const open = (threads: number, products: "f32" | "bf16"): Model =>
    loadModel(openDevice(device, threads, products), source, null);
  const whole = batchOf(trees, 135);
  beforeAll(async () => {
    source = await picoModel({ ...picoConfig, maximumPositions: 128, eosIds: [] });
  });

  it("an ending of a tree sees through the model's window what it sees alone", async () => {
    const windowed = await picoModel({
      ...picoConfig,
      family: "mistral",
      slidingWindow: 12,
      maximumPositions: 128,
      eosIds: [],
    });
    const model = loadModel(openDevice(device, 2, "f32"), windowed, null);
    const { losses } = await createScorer(model, 135).score(whole);
    const wide = await createScorer(open(2, "f32"), 135).score(whole);
    expect(losses.filter((loss, n) => Math.abs(loss - wide.losses[n]) < 1e-6 * loss).length).toBeLessThan(
      losses.length / 2,
    );
    for (const [tree, ending] of [
      [trees[0], 2],
      [trees[1], 1],
      [trees[2], 0],
    ] as const) {
      const { rows, batch } = textOf(whole, tree, ending);
      const alone = await createScorer(model, rows.length).score(batch);
      rows.forEach((n, i) => expect(Math.abs(losses[n] - alone.losses[i])).toBeLessThan(1e-5 * (1 + alone.losses[i])));
    }
  });

  it("an ending of a tree scores as its text alone, within 1e-5 in f32, the same bytes with any threads", async () => {
    const model = open(1, "f32");
    const { losses, best } = await createScorer(model, 135).score(whole);
    for (const tree of trees) {
      for (let ending = 0; ending < Math.max(1, tree.endings.length); ending++) {
        const { rows, batch } = textOf(whole, tree, ending);
        const alone = await createScorer(model, rows.length).score(batch);
        rows.forEach((n, i) => {
          expect(Math.abs(losses[n] - alone.losses[i])).toBeLessThan(1e-5 * (1 + alone.losses[i]));
          expect(best[n]).toBe(alone.best[i]);
        });
      }
    }
    expect(await createScorer(open(3, "f32"), 200).score(whole)).toEqual({ losses, best });
  });

  it("weights rounded to bf16 when they are loaded give what weights rounded in every product give", async () => {
    const loaded = open(2, "bf16");
    const trained = loadModel(openDevice(device, 2, "bf16"), source, { first: 0, end: picoConfig.layers, outer: true });
    expect([loaded.head.dtype, trained.head.dtype]).toEqual(["bf16", "f32"]);
    expect(await createScorer(loaded, 135).score(whole)).toEqual(await createScorer(trained, 135).score(whole));
    const prompts = [[1, 2, 3], [4], Array.from({ length: 50 }, (_, i) => token(i))];
    const options = { maximumTokens: 20, temperature: 0, seed: 0, stop: () => false };
    expect(await generate(loaded, prompts, options)).toEqual(await generate(trained, prompts, options));
  });

  it("a generated row is the same whichever rows run beside it, exactly", async () => {
    const model = open(2, "bf16");
    const prompts = Array.from({ length: 40 }, (_, row) =>
      Array.from({ length: 1 + ((row * 5) % 17) }, (_, i) => token(row * 31 + i)),
    );
    const options = {
      maximumTokens: 12,
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
