import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  blockElements,
  codeBytes,
  exchangedBytes,
  exchangeDTypes,
  largestCode,
  type ExchangeDType,
} from "../../src/merge/exchange/formats.js";
import { dequantize, quantize } from "../../src/merge/exchange/quantize.js";
import { openChange } from "../../src/merge/exchange/read-change.js";
import { writeChange } from "../../src/merge/exchange/write-change.js";
import { mergeModels, type MergePart, type MergeSettings } from "../../src/merge/merge.js";
import { roundMethodNames } from "../../src/merge/round-methods.js";
import { plainLlama } from "../../src/model/config/architecture.js";
import type { ModelConfig } from "../../src/model/config/model-config.js";
import { parameters } from "../../src/model/config/parameters.js";
import { fullWindow, isTrained, windowOver, type Window } from "../../src/model/config/window.js";
import { writeInitialModel } from "../../src/model/files/initialize.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { writeModelFolder } from "../../src/model/files/write-model-folder.js";
import { encodeFloats, fromBf16, toBf16 } from "../../src/tensor/dtype.js";
import { openSafetensors, readTensor, storedChunks } from "../../src/tensor/safetensors.js";
import { temporaryFolder } from "../temporary-folder.js";

const blockTypes = ["int8", "int4"] as const;

describe("rounding to multiples of a scale per block", () => {
  const values = fc
    .array(fc.float({ noNaN: true, min: Math.fround(-1e20), max: Math.fround(1e20) }), { minLength: 1, maxLength: 150 })
    .map((list) => Float32Array.from(list));
  test.each(blockTypes)("%s is off by at most about half a scale, and codes are within their range", (dtype) => {
    fc.assert(
      fc.property(values, (x) => {
        const { codes, scales } = quantize(x, dtype);
        expect(codes.length).toBe(codeBytes(x.length, dtype));
        const decoded = dequantize({ codes, scales }, x.length, dtype);
        for (const [i, value] of x.entries()) {
          const scale = scales[Math.floor(i / blockElements)];
          expect(fromBf16(toBf16(scale))).toBe(scale);
          // Below the smallest bf16 the scale is 0, and all of the block is lost.
          expect(Math.abs(decoded[i] - value)).toBeLessThanOrEqual(0.51 * scale + 1e-38);
          expect(Math.abs(decoded[i])).toBeLessThanOrEqual(largestCode[dtype] * scale * (1 + 1e-6));
        }
      }),
      { seed: 2, numRuns: 300 },
    );
  });
  test("ties go to the even multiple, and codes of int4 share bytes", () => {
    const x = Float32Array.of(7, 0.5, 1.5, 2.5, -0.5, -1.5, -7);
    const quantized = quantize(x, "int4");
    expect(Array.from(quantized.scales)).toEqual([1]);
    expect(Array.from(quantized.codes)).toEqual([0x07, 0x22, 0xe0, 0x09]);
    expect(Array.from(dequantize(quantized, 7, "int4"), (value) => value + 0)).toEqual([7, 0, 2, 2, 0, -2, -7]);
  });
  test("a block of zeros stays zero; a value that is not finite is an error", () => {
    const zeros = new Float32Array(70);
    for (const dtype of blockTypes) {
      expect(dequantize(quantize(zeros, dtype), 70, dtype)).toEqual(zeros);
      for (const wrong of [NaN, Infinity, -Infinity])
        expect(() => quantize(Float32Array.of(1, wrong), dtype)).toThrow(RangeError);
    }
  });
});

const config: ModelConfig = {
  ...plainLlama,
  vocabSize: 37,
  hiddenSize: 10,
  layers: 3,
  attentionHeads: 5,
  keyValueHeads: 1,
  headDim: 2,
  intermediateSize: 13,
  rmsNormEps: 1e-5,
  ropeTheta: 10000,
  tieWordEmbeddings: false,
  maxPositions: 32,
  bosId: 0,
  eosIds: [1],
};
const settings: MergeSettings = { method: "slerp", trainedShare: 0.8, density: 1, lambda: 1, outerOptimizer: null };
const everything = fullWindow(3);
const bottom = windowOver(0, 1, 3);

let root: string;
let base: string;
let folders = 0;
const fresh = () => {
  const folder = join(root, String(folders++));
  mkdirSync(folder);
  return folder;
};

beforeAll(async () => {
  root = temporaryFolder();
  base = fresh();
  await writeInitialModel(base, config, 1);
});

/** A model after training: a share of another random model added to the tensors of the window. */
async function train(start: string, window: Window, seed: number): Promise<string> {
  const other = fresh();
  await writeInitialModel(other, config, seed);
  const [from, to] = [openModelFolder(start), openModelFolder(other)];
  const trained = new Set(
    parameters(config)
      .filter((one) => isTrained(one, window))
      .map(({ name }) => name),
  );
  const folder = fresh();
  const entries = [...from.tensors.values()].map(({ name, shape, dtype }) => ({
    name,
    shape,
    dtype: trained.has(name) ? ("f32" as const) : dtype,
  }));
  await writeModelFolder(folder, from, entries, function* ({ name }) {
    const stored = from.tensors.get(name)!;
    if (!trained.has(name)) return yield* storedChunks(stored);
    const change = readTensor(to.tensors.get(name)!);
    yield encodeFloats(
      readTensor(stored).map((value, i) => value + 0.05 * change[i]),
      "f32",
    );
  });
  return folder;
}

async function send(
  start: string,
  trained: string,
  window: Window,
  dtype: ExchangeDType,
  previous: string | null = null,
) {
  const folder = fresh();
  const [change, residual] = [join(folder, "change.safetensors"), join(folder, "residual.safetensors")];
  await writeChange({ start, trained, window, dtype, previous, change, residual });
  return { change, residual };
}

const weights = (folder: string) => readFileSync(join(folder, "model.safetensors"));
const tensorOf = (folder: string, name: string) => readTensor(openModelFolder(folder).tensors.get(name)!);

async function merge(parts: readonly MergePart[], changes: Partial<MergeSettings> = {}): Promise<string> {
  const folder = fresh();
  await mergeModels({ base, parts, settings: { ...settings, ...changes }, folder, momentum: null });
  return folder;
}

/** The change that a file carries, decoded. */
function sentChange(change: string, name: string, window: Window, start: string): Float64Array {
  const before = tensorOf(start, name);
  const after = openChange(change, config, window).get(name)!.read(0, before.length, new Float32Array(before.length));
  return Float64Array.from(after);
}

describe("the file of a change", () => {
  test.each(exchangeDTypes)("%s has the bytes that the plan counts, besides its header", async (dtype) => {
    for (const window of [everything, bottom]) {
      const { change } = await send(base, await train(base, window, 2), window, dtype);
      const header = Number(readFileSync(change).readBigUInt64LE(0)) + 8;
      expect(statSync(change).size - header).toBe(exchangedBytes(config, window, dtype));
    }
  });
  test("is the same for the same models", async () => {
    const trained = await train(base, everything, 2);
    const [a, b] = [await send(base, trained, everything, "int4"), await send(base, trained, everything, "int4")];
    expect(readFileSync(a.change).equals(readFileSync(b.change))).toBe(true);
    expect(readFileSync(a.residual).equals(readFileSync(b.residual))).toBe(true);
  });
  test("of another window, of another model or of nothing is refused", async () => {
    const { change } = await send(base, await train(base, bottom, 2), bottom, "int8");
    expect(() => openChange(change, config, everything)).toThrow("belongs to another part or another model");
    expect(() => openChange(change, config, windowOver(1, 2, 3))).toThrow("expected i8 of shape");
    expect(() => openChange(change, { ...config, hiddenSize: 20 }, bottom)).toThrow("belongs to another part");
    expect(() => openChange(join(base, "model.safetensors"), config, everything)).toThrow(
      "expected the change of a part",
    );
    const residual = join(fresh(), "residual.safetensors");
    writeFileSync(residual, readFileSync(change));
    await expect(send(base, await train(base, bottom, 2), bottom, "int8", residual)).rejects.toThrow(
      "residual belongs to another model",
    );
  });
});

describe("merging what was sent", () => {
  test.each(roundMethodNames)("f32 gives the bytes of merging the models, by %s", async (method) => {
    const windows = [everything, bottom, everything];
    const models = await Promise.all(windows.map((window, i) => train(base, window, 3 + i)));
    const sent = await Promise.all(windows.map((window, i) => send(base, models[i], window, "f32")));
    const fromModels = await merge(
      windows.map((window, i) => ({ folder: models[i], window })),
      { method },
    );
    const fromChanges = await merge(
      windows.map((window, i) => ({ change: sent[i].change, window })),
      { method },
    );
    expect(weights(fromChanges).equals(weights(fromModels))).toBe(true);
  });
  test.each(exchangeDTypes)("equal parts give back the part, in %s, and no change the base", async (dtype) => {
    const trained = await train(base, everything, 2);
    const { change } = await send(base, trained, everything, dtype);
    const part = { change, window: everything };
    const name = "model.layers.1.mlp.up_proj.weight";
    const before = tensorOf(base, name);
    const expected = openChange(change, config, everything).get(name)!.read(0, before.length, before);
    for (const method of roundMethodNames) {
      const merged = tensorOf(await merge([part, part, part, part], { method }), name);
      // TIES adds the mean change to the base, which may round; the others return equal parts bit for bit.
      for (const [i, value] of merged.entries())
        if (method === "ties") expect(value).toBeCloseTo(expected[i], 7);
        else expect(value).toBe(expected[i]);
    }
    const none = await send(base, base, everything, dtype);
    const same = await merge([{ change: none.change, window: everything }], { method: "union" });
    expect(weights(same).equals(weights(base))).toBe(true);
  });
  test("bf16, int8 and int4 are near the merge of the models, in this order", async () => {
    const trained = await train(base, everything, 2);
    const exact = tensorOf(trained, "lm_head.weight");
    const errors: number[] = [];
    for (const dtype of ["bf16", "int8", "int4"] as const) {
      const { change } = await send(base, trained, everything, dtype);
      const merged = tensorOf(await merge([{ change, window: everything }], { method: "union" }), "lm_head.weight");
      errors.push(Math.sqrt(merged.reduce((sum, value, i) => sum + (value - exact[i]) ** 2, 0) / exact.length));
    }
    expect(errors[0]).toBeLessThan(2e-6);
    expect(errors[1]).toBeLessThan(1e-5);
    expect(errors[2]).toBeLessThan(2e-4);
    expect(errors.toSorted((a, b) => a - b)).toEqual(errors);
  });
});

describe("error feedback", () => {
  test.each(["bf16", ...blockTypes] as const)(
    "over rounds, what was sent in %s sums to the true changes within one quantization step",
    async (dtype) => {
      const name = "model.layers.0.self_attn.q_proj.weight";
      const length = tensorOf(base, name).length;
      const [sent, truth] = [new Float64Array(length), new Float64Array(length)];
      let previous: string | null = null;
      let largestStep = 0;
      for (let round = 0; round < 12; round++) {
        // In every third round the worker trains another window, so that this tensor rests.
        const window = round % 3 === 2 ? windowOver(1, 2, 3) : bottom;
        const trained = await train(base, window, 10 + round);
        const files = await send(base, trained, window, dtype, previous);
        previous = files.residual;
        if (!isTrained({ layer: 0 }, window)) continue;
        const [before, after] = [tensorOf(base, name), tensorOf(trained, name)];
        const change = sentChange(files.change, name, window, base);
        for (let i = 0; i < length; i++) {
          sent[i] += change[i];
          truth[i] += after[i] - before[i];
        }
        const magnitude = change.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        largestStep = magnitude * (dtype === "bf16" ? 2 ** -8 : 1 / largestCode[dtype]);
      }
      const residual = readTensor(openSafetensors(previous as string).tensors.get(name)!);
      for (let i = 0; i < length; i++) {
        expect(Math.abs(truth[i] - sent[i])).toBeLessThanOrEqual(largestStep);
        expect(sent[i] + residual[i]).toBeCloseTo(truth[i], 8);
      }
    },
  );
});
