import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import type { ComputeDType } from "../../src/device/kernels.js";
import { evaluate } from "../../src/evaluate/evaluate.js";
import { encodePartsForLoss } from "../../src/evaluate/request/encode-loss.js";
import { climb, lambdaGrid } from "../../src/merge/line-search/climb.js";
import { lineSearch, type LineSearchOptions } from "../../src/merge/line-search/line-search.js";
import { groupOf, scaleChange, tensorGroups } from "../../src/merge/line-search/scaled-model.js";
import { searchLambda } from "../../src/merge/line-search/search-lambda.js";
import { parameters } from "../../src/model/config/parameters.js";
import { writeInitialModel } from "../../src/model/files/initialize.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { writeModelFolder } from "../../src/model/files/write-model-folder.js";
import { loadModel } from "../../src/model/model.js";
import { encodeFloats, type DType } from "../../src/tensor/dtype.js";
import { readTensor } from "../../src/tensor/safetensors.js";
import { bytes } from "../evaluate/byte-tokenizer.js";
import { smallConfig } from "../evaluate/small-model.js";
import { temporaryFolder } from "../temporary-folder.js";

describe("the climb", () => {
  test("goes over 0.25 … the number of parts", () => {
    expect(lambdaGrid(1)).toEqual([0.25, 0.5, 0.75, 1]);
    expect(lambdaGrid(4)).toEqual([0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4]);
    expect(lambdaGrid(7)).toEqual([0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6]);
  });
  const run = async (maximum: number, lossAt: (lambda: number) => number) => {
    const measured: number[] = [];
    const measure = async (lambda: number) => {
      measured.push(lambda);
      return { lambda, loss: lossAt(lambda), standardError: null };
    };
    const best = await climb(lambdaGrid(maximum), await measure(1), measure);
    return { best: best.lambda, measured };
  };
  test("finds the best of the grid for a loss with one minimum, and measures nothing twice", async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 9, noNaN: true }), fc.integer({ min: 1, max: 9 }), async (at, P) => {
        const lossAt = (lambda: number) => Math.abs(Math.log(lambda + 0.1) - Math.log(at + 0.1));
        const { best, measured } = await run(P, lossAt);
        const losses = lambdaGrid(P).map(lossAt);
        expect(lossAt(best)).toBe(Math.min(...losses));
        expect(new Set(measured).size).toBe(measured.length);
      }),
      { seed: 4, numRuns: 200 },
    );
  });
  test("stops at the first λ that is no better, and keeps 1 if all are equal", async () => {
    expect(await run(4, (lambda) => (lambda - 1.25) ** 2)).toEqual({ best: 1.25, measured: [1, 1.25, 1.5] });
    expect(await run(4, () => 2)).toEqual({ best: 1, measured: [1, 1.25, 0.75] });
  });
  test("leaves a λ at which the loss is not a number", async () => {
    const lossAt = (lambda: number) => (lambda >= 1 ? NaN : lambda);
    expect(await run(4, lossAt)).toEqual({ best: 0.25, measured: [1, 1.25, 0.75, 0.5, 0.25] });
  });
  test("searches groups one after the other, around the common λ", async () => {
    const optimum = { embeddings: 2, attention: 0.5, "feed-forward": 1, norms: 1 };
    const found = await searchLambda(4, [...tensorGroups], async (lambdas) => ({
      loss: tensorGroups.reduce((sum, group) => sum + Math.abs(lambdas[group] - optimum[group]), 0),
      standardError: null,
    }));
    expect(found).toMatchObject({ lambda: 1, groups: optimum, loss: 0 });
    expect(found.candidates.filter(({ group }) => group === null).map(({ lambda }) => lambda)).toEqual([1, 1.25, 0.75]);
  });
});

test("base + λ · (merged − base) has exact ends", () => {
  const [base, merged] = [Float32Array.of(0.1, -3, 0, 7e-20), Float32Array.of(0.3, -3, -0, 1e20)];
  expect(scaleChange(base, merged, 1, "f32")).toEqual(merged);
  expect(scaleChange(base, base.slice(), 2.5, "f32")).toEqual(base);
  expect(scaleChange(base, merged, 0.5, "f32")[0]).toBeCloseTo(0.2, 7);
});

const texts = ["The cat sat on the mat.", "Another document, longer than a window of sixteen positions.", "xyz"];
const documents = texts.map((text) => encodePartsForLoss(bytes, [text], "all"));

let root: string;
let base: string;
let folders = 0;
const fresh = () => join(root, `model-${folders++}`);

beforeAll(async () => {
  root = temporaryFolder();
  base = fresh();
  await writeInitialModel(base, smallConfig, 1);
});

/** The base with a change in the tensors of these groups, whose sign and size come from another random model. */
async function changed(groups: readonly string[], size: number, dtype: DType = "f32"): Promise<string> {
  const other = fresh();
  await writeInitialModel(other, smallConfig, 2);
  const [from, to] = [openModelFolder(base), openModelFolder(other)];
  const folder = fresh();
  const isChanged = (name: string) => groups.includes(groupOf({ name }));
  const entries = [...from.tensors].map(([name, { shape }]) => ({ name, shape, dtype }));
  await writeModelFolder(folder, from, entries, ({ name }) => {
    const [a, b] = [from, to].map(({ tensors }) => readTensor(tensors.get(name)!));
    return [encodeFloats(isChanged(name) ? a.map((value, i) => value + size * b[i]) : a, dtype)];
  });
  return folder;
}

async function lossOf(folder: string, computeDType: ComputeDType = "f32"): Promise<number> {
  const model = loadModel(createReferenceDevice("f32", computeDType), openModelFolder(folder), null);
  const tasks = [{ name: "loss", kind: "loss", documents } as const];
  const { scores } = await evaluate({ model, tokenizer: bytes, tasks, sequenceLength: 16, prefix: [] });
  model.close();
  return scores[0].metrics.loss.value;
}

async function search(merged: string, options: Partial<LineSearchOptions> = {}, computeDType: ComputeDType = "f32") {
  const folder = fresh();
  const found = await lineSearch({
    device: createReferenceDevice("f32", computeDType),
    base,
    merged,
    tokenizer: bytes,
    documents,
    maximum: 4,
    groups: false,
    sequenceLength: 16,
    folder,
    ...options,
  });
  return { found, folder };
}

const weights = (folder: string) => readFileSync(join(folder, "model.safetensors"));

describe("the search on a model", () => {
  test.each([
    ["f32", "f32"],
    ["bf16", "f32"],
    ["f32", "bf16"],
    ["bf16", "bf16"],
  ] as const)(
    "writes the model whose loss it measured, computing in %s on files in %s",
    async (computeDType, dtype) => {
      const { found, folder } = await search(await changed([...tensorGroups], 0.4, dtype), {}, computeDType);
      expect(found.lambda).not.toBe(1);
      expect(found.candidates.length).toBeGreaterThan(2);
      expect(await lossOf(folder, computeDType)).toBe(found.loss);
      expect(Math.min(...found.candidates.map(({ loss }) => loss))).toBe(found.loss);
      expect([...openModelFolder(folder).tensors.values()].every((tensor) => tensor.dtype === dtype)).toBe(true);
    },
  );
  test("with groups, each candidate differs in one group and the loss is that of the written model", async () => {
    const { found, folder } = await search(await changed(["attention", "norms"], 0.8), { groups: true });
    expect(Object.keys(found.groups ?? {}).sort()).toEqual(["attention", "norms"]);
    expect(await lossOf(folder)).toBe(found.loss);
    const same = parameters(smallConfig).filter((parameter) => !["attention", "norms"].includes(groupOf(parameter)));
    const [before, after] = [base, folder].map((path) => openModelFolder(path).tensors);
    for (const { name } of same) expect(readTensor(after.get(name)!)).toEqual(readTensor(before.get(name)!));
  });
  test("a merge that is best at 1 keeps its bytes, as does one without a change", async () => {
    const merged = await changed(["norms"], 0.2);
    const { found, folder } = await search(merged, { maximum: 1, documents: documents.slice(0, 1) });
    if (found.lambda === 1) expect(weights(folder).equals(weights(merged))).toBe(true);
    const none = await search(base);
    expect(none.found.lambda).toBe(1);
    expect(weights(none.folder).equals(weights(base))).toBe(true);
  });
  test("another model as base is refused", async () => {
    const other = fresh();
    await writeInitialModel(other, { ...smallConfig, vocabSize: 259 }, 1);
    await expect(search(other)).rejects.toThrow("was trained from another model");
  });
});
