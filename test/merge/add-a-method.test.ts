import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mergeModels, type MergeSettings } from "../../src/merge/merge.js";
import type { MergeMethod } from "../../src/merge/core/method.js";
import { chunkReader, chunksOf } from "../../src/merge/core/tensor-chunks.js";
import type { RoundMethod } from "../../src/merge/round-method.js";
import { roundMethods, type RoundMethods } from "../../src/merge/round-methods.js";
import { writeInitialModel } from "../../src/model/files/initialize.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { parameters } from "../../src/model/config/parameters.js";
import { isTrained, type Window } from "../../src/model/config/window.js";
import { defaultMerge } from "../../src/plan/build-strategy.js";
import { recipeSchema } from "../../src/recipe/schema/recipe.js";
import { readTensor } from "../../src/tensor/safetensors.js";
import { temporaryFolder } from "../temporary-folder.js";

const base = join(import.meta.dirname, "../golden/pico-llama/untied");

const share = { description: "How far.", type: "number", default: 1, minimum: 0, maximum: 1 } as const;

/** What someone who adds a method writes: one object, and one line in the table. */
const first: MergeMethod = {
  name: "first",
  label: "First",
  concept: "Moves from the base to the first part.",
  use: "In tests.",
  source: "this test",
  inputs: { base: "required", minimum: 1, maximum: Infinity },
  parameters: { share },
  inputParameters: {},
  *merge({ base: start, inputs, values, kernels, length, dtype }) {
    const read = chunkReader([start!, inputs[0]]);
    for (const chunk of chunksOf(length)) {
      yield kernels.weightedSum(read(chunk), [1 - values.share, values.share], 1, dtype);
    }
  },
};
const firstOfParts: RoundMethod<"first", "share"> = {
  name: "first",
  description: "Moves from the base to the first part.",
  method: first,
  takes: "parts",
  parameters: { share },
};
const methods = { ...roundMethods, first: firstOfParts } as const;

/** Two other models of the base's shape, merged with everything trained. */
async function merge(settings: MergeSettings<typeof methods>) {
  const { config } = openModelFolder(base);
  const window: Window = { first: 0, end: config.layers, embeddings: true };
  const folders = [0, 1].map(() => join(temporaryFolder(), "part"));
  for (const [i, folder] of folders.entries()) await writeInitialModel(folder, config, i + 1);
  const folder = join(temporaryFolder(), "merged");
  const parts = folders.map((part) => ({ folder: part, window }));
  const record = await mergeModels({ base, parts, settings, folder, momentum: null, methods });
  const trained = parameters(config).filter((parameter) => isTrained(parameter, window));
  return { record, folder, first: folders[0], names: trained.map(({ name }) => name) };
}
const settings = { trainedShare: 0.8, density: 1, lambda: 1, outerOptimizer: null };
const valuesOf = (folder: string, name: string) => readTensor(openModelFolder(folder).tensors.get(name)!);

test("a method that is one object and one line of the table merges models, with parameters of its own", async () => {
  const whole = await merge({ ...settings, method: "first", share: 1 });
  expect(whole.record).toMatchObject({ method: "first", parts: 2, settings: { method: "first", share: 1 } });
  const half = await merge({ ...settings, method: "first", share: 0.5 });
  expect(whole.names.length).toBeGreaterThan(10);
  for (const name of whole.names) {
    const [start, other] = [valuesOf(base, name), valuesOf(whole.first, name)];
    expect(valuesOf(whole.folder, name)).toEqual(other);
    expect(valuesOf(half.folder, name)).toEqual(start.map((value, i) => 0.5 * value + 0.5 * other[i]));
  }
});

test("a value out of a parameter's range and a method that is not in the table are errors", async () => {
  await expect(merge({ ...settings, method: "first", share: 2 })).rejects.toMatchObject({
    name: "MergeError",
    message: "share of the merge method first — expected a number from 0 to 1, got 2.\n  How far.",
  });
  const unknown = { ...settings, method: "frist" as "first", share: 1 };
  await expect(merge(unknown)).rejects.toMatchObject({
    name: "MergeError",
    message:
      'method — expected one of linear, slerp, ties, union, first, got "frist".\n  Choose one of these merge methods.',
  });
});

test("recipes accept every method of the table, with the ranges that it declares", () => {
  const parse = (merging: object) =>
    recipeSchema.shape.strategies.safeParse([{ name: "mine", windows: ["full"], merge: merging }]);
  for (const [name, method] of Object.entries(roundMethods as Record<keyof RoundMethods, RoundMethod>)) {
    expect(method.name).toBe(name);
    expect(parse({ method: name }).success).toBe(true);
    for (const [key, one] of Object.entries(method.parameters)) expect(defaultMerge[key as "lambda"]).toBe(one.default);
    for (const [key, { minimum, maximum }] of Object.entries(method.parameters)) {
      expect(parse({ [key]: minimum }).success, key).toBe(true);
      expect(parse({ [key]: minimum - 0.01 }).success, key).toBe(false);
      expect(parse({ [key]: Math.min(maximum, 1e6) }).success, key).toBe(true);
      expect(parse({ [key]: maximum + 0.01 }).success, key).toBe(false);
    }
  }
});

test("docs/method.md lists every method as it describes itself", () => {
  const document = readFileSync(join(import.meta.dirname, "../../docs/method.md"), "utf8");
  const rows = Object.values(roundMethods as Record<string, RoundMethod>).map(
    ({ name, description, parameters: own }) => {
      const keys = Object.entries(own).map(([key, one]) => `\`${key}\` (${one.default})`);
      return `| \`${name}\` | ${description} | ${keys.join(", ")} |`;
    },
  );
  expect(document).toContain(rows.join("\n"));
});
