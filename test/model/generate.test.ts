import { beforeAll, expect, it } from "vitest";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { generate, type GenerateOptions } from "../../src/model/inference/generate.js";
import { loadModel, type Model } from "../../src/model/model.js";
import { randomInteger, randomKey } from "../../src/tensor/random.js";
import { picoConfig, picoModel } from "./pico.js";

const V = picoConfig.vocabSize;
const greedy: GenerateOptions = { maxTokens: 12, temperature: 0, seed: 1, stop: () => false };
const prompts = [5, 1, 9, 3, 7].map((length, row) =>
  Array.from({ length }, (_, i) => randomInteger(randomKey(3, `prompt ${row}`), i, V)),
);
let model: Model;

beforeAll(async () => {
  const device = createReferenceDevice("f32");
  model = loadModel(device, await picoModel({ ...picoConfig, tieWordEmbeddings: false, eosIds: [] }), {
    first: 0,
    end: 3,
    embeddings: true,
  });
  for (const [name, weight] of model.weights) {
    // Larger matrices, so that the likeliest token differs between steps.
    if (!name.includes("norm"))
      device.write(weight, (await device.read(weight)).map((value: number) => 30 * value) as Float32Array);
  }
});

/** Row `row` ends after 2·row + 1 tokens, so that rows finish one after the other. */
const early: GenerateOptions = { ...greedy, stop: (row, tokens) => tokens.length === 2 * row + 1 };

it("prompts of different lengths in a batch give the same as each alone, whenever the other rows end", async () => {
  const together = await generate(model, prompts, early);
  expect(together.map(({ length }) => length)).toEqual([1, 3, 5, 7, 9]);
  for (const [row, prompt] of prompts.entries()) {
    const [alone] = await generate(model, [prompt], greedy);
    expect(together[row]).toEqual(alone.slice(0, 2 * row + 1));
  }
});

it("more prompts than slots, some with a common prefix, give the same as each alone", async () => {
  const common = Array.from({ length: 40 }, (_, i) => (i * 5 + 3) % V);
  const many = [...prompts.map((prompt) => [...common, ...prompt]), [...common, 1]];
  const alone = [];
  for (const [row, prompt] of many.entries()) {
    const [tokens] = await generate(model, [prompt], greedy);
    alone.push(tokens.slice(0, 2 * row + 1));
  }
  for (const limits of [{}, { batchSize: 2 }, { batchSize: 3 }, { cachePositions: 60 }]) {
    const ended: number[] = [];
    const options = { ...early, ...limits, onEnd: (row: number) => void ended.push(row) };
    expect(await generate(model, many, options)).toEqual(alone);
    expect(ended.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
    const known = new Map([
      [1, alone[1]],
      [4, alone[4]],
    ]);
    ended.length = 0;
    expect(await generate(model, many, { ...options, known })).toEqual(alone);
    expect(ended.sort((a, b) => a - b)).toEqual([0, 2, 3, 5]);
  }
});

it("prompts longer than a pass give the same as one token per pass", async () => {
  const long = Array.from({ length: 40 }, (_, row) =>
    Array.from({ length: 60 + row }, (_, i) => (i * 7 + row * 3) % V),
  );
  const options = { ...greedy, maxTokens: 70 };
  const together = await generate(model, long, { ...options, stop: (row) => row !== 5 });
  const [single] = await generate(model, [long[5]], options);
  expect(together[5]).toEqual(single);
  const ids = [...long[5]];
  for (let step = 0; step < 70; step++) ids.push((await generate(model, [ids], { ...greedy, maxTokens: 1 }))[0][0]);
  expect(single).toEqual(ids.slice(long[5].length));
});

it("a row ends before an EOS id", async () => {
  const [free] = await generate(model, [prompts[0]], greedy);
  const eos = free[4];
  const ended = { ...model, config: { ...model.config, eosIds: [eos] } };
  expect((await generate(ended, [prompts[0]], greedy))[0]).toEqual(free.slice(0, free.indexOf(eos)));
});

it("the same seed samples the same tokens, and a low temperature the likeliest", async () => {
  const sampled = (seed: number, temperature: number) => generate(model, prompts, { ...greedy, seed, temperature });
  expect(await sampled(1, 2)).toEqual(await sampled(1, 2));
  expect(await sampled(1, 2)).not.toEqual(await sampled(2, 2));
  const likeliest = await generate(model, prompts, greedy);
  expect(await sampled(1, 1e-6)).toEqual(likeliest);
  expect(new Set(likeliest.flat()).size).toBeGreaterThan(4);
});

it.each([0, 2])(
  "ids outside the tokenizer's vocabulary are never sampled and change no result (temperature %d)",
  async (temperature) => {
    const vocabSize = 6;
    const known = prompts.map((prompt) => prompt.map((id) => id % vocabSize));
    const options = { ...greedy, temperature };
    expect((await generate(model, known, options)).flat().some((id) => id >= vocabSize)).toBe(true);
    const smaller: Model = { ...model, config: { ...model.config, vocabSize } };
    expect(await generate(model, known, { ...options, vocabSize })).toEqual(await generate(smaller, known, options));
    expect(await generate(model, known, { ...options, vocabSize: V + 5 })).toEqual(
      await generate(model, known, options),
    );
  },
);

it("refuses empty prompts and ids of another vocabulary", async () => {
  await expect(generate(model, [[]], greedy)).rejects.toThrow(
    "prompt 0 — expected at least one id, got none.\n  Start with the BOS id.",
  );
  await expect(generate(model, [[1], [2, 11]], greedy)).rejects.toThrow(
    "prompt 1[1] — expected an id below the vocabulary of 11, got 11.\n  Use the tokenizer that belongs to the model.",
  );
});
