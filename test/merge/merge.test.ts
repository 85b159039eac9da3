import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { mergeModels, type MergeSettings } from "../../src/merge/merge.js";
import { plainLlama } from "../../src/model/config/architecture.js";
import type { ModelConfig } from "../../src/model/config/model-config.js";
import { writeInitialModel } from "../../src/model/files/initialize.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { parameters } from "../../src/model/config/parameters.js";
import { isTrained, type Window } from "../../src/model/config/window.js";
import { encodeFloats, type DType } from "../../src/tensor/dtype.js";
import { openSafetensors, readTensor, readTensorBytes } from "../../src/tensor/safetensors.js";
import { writeSafetensors } from "../../src/tensor/write-safetensors.js";
import { temporaryFolder } from "../temporary-folder.js";

const config: ModelConfig = {
  ...plainLlama,
  vocabSize: 24,
  hiddenSize: 8,
  layers: 4,
  attentionHeads: 2,
  keyValueHeads: 1,
  headDim: 4,
  intermediateSize: 12,
  rmsNormEps: 1e-5,
  ropeTheta: 10000,
  tieWordEmbeddings: false,
  maxPositions: 32,
  bosId: 0,
  eosIds: [1],
};
const settings: MergeSettings = { method: "slerp", trainedShare: 0.8, density: 1, lambda: 1, outerOptimizer: null };
const slices: readonly Window[] = [0, 1, 2, 3].map((first) => ({ first, end: first + 1, embeddings: false }));
const everything: Window = { first: 0, end: 4, embeddings: true };

let root: string;
let base: string;
let count = 0;
const fresh = () => join(root, `model-${count++}`);

/** The base with `change` added to what the window trains, stored as f32. */
async function writePart(window: Window, change: number, from = base): Promise<{ folder: string; window: Window }> {
  const folder = fresh();
  mkdirSync(folder);
  writeFileSync(join(folder, "config.json"), readFileSync(join(from, "config.json")));
  const source = openModelFolder(from);
  const trained = new Set(
    parameters(config)
      .filter((one) => isTrained(one, window))
      .map(({ name }) => name),
  );
  const entries = [...source.tensors.values()].map(({ name, shape, dtype }) => ({
    name,
    shape,
    dtype: trained.has(name) ? ("f32" as const) : dtype,
  }));
  await writeSafetensors(join(folder, "model.safetensors"), entries, function* ({ name }) {
    const tensor = source.tensors.get(name)!;
    yield trained.has(name)
      ? encodeFloats(
          readTensor(tensor).map((value) => value + change),
          "f32",
        )
      : readTensorBytes(tensor);
  });
  return { folder, window };
}

async function writeAs(dtype: DType): Promise<string> {
  const folder = fresh();
  mkdirSync(folder);
  const json = JSON.parse(readFileSync(join(base, "config.json"), "utf8")) as object;
  writeFileSync(join(folder, "config.json"), JSON.stringify({ ...json, torch_dtype: "bfloat16", note: "kept" }));
  const source = openModelFolder(base);
  const entries = [...source.tensors.values()].map(({ name, shape }) => ({ name, shape, dtype }));
  await writeSafetensors(join(folder, "model.safetensors"), entries, ({ name }) => [
    encodeFloats(readTensor(source.tensors.get(name)!), dtype),
  ]);
  return folder;
}

const merge = async (
  parts: { folder: string; window: Window }[],
  change: Partial<MergeSettings> = {},
  more: { momentum?: string; base?: string } = {},
) => {
  const folder = fresh();
  const record = await mergeModels({
    base,
    momentum: null,
    ...more,
    parts,
    settings: { ...settings, ...change },
    folder,
  });
  return { folder, record };
};
const bytes = (folder: string) => readFileSync(join(folder, "model.safetensors"));
const change = (folder: string, name: string, from = base) => {
  const before = readTensor(openModelFolder(from).tensors.get(name)!);
  return readTensor(openModelFolder(folder).tensors.get(name)!).map((value, i) => value - before[i]);
};
const layerTensor = (layer: number) => `model.layers.${layer}.mlp.down_proj.weight`;

beforeAll(async () => {
  root = temporaryFolder();
  base = fresh();
  await writeInitialModel(base, config, 7);
  writeFileSync(join(base, "tokenizer.json"), '{"kept":"as it is"}');
});

describe("a merge of models", () => {
  test.each(["linear", "slerp", "ties", "union"] as const)(
    "of a model with itself gives the same file, by %s",
    async (method) => {
      const parts = Array.from({ length: 4 }, () => ({ folder: base, window: everything }));
      const { folder, record } = await merge(parts, { method, density: method === "ties" ? 0.5 : 1 });
      expect(bytes(folder).equals(bytes(base))).toBe(true);
      expect(record.changeNorms).toEqual([0, 0, 0, 0]);
    },
  );

  test("of one part gives that part, file for file", async () => {
    const part = await writePart(everything, 0.25);
    for (const method of ["linear", "slerp", "union"] as const) {
      expect(bytes((await merge([part], { method })).folder).equals(bytes(part.folder))).toBe(true);
    }
  });

  test.each([
    ["linear", [0.64, 0.64, 0.64, 0.64]],
    ["ties", [1, 1, 1, 1]],
    ["union", [1, 1, 1, 1]],
  ] as const)(
    "of four slices by %s keeps %s of each layer's change, and the rest bit for bit",
    async (method, kept) => {
      const parts = await Promise.all(slices.map((window, i) => writePart(window, 0.25 * (i + 1))));
      const { folder, record } = await merge(parts, { method });
      for (const [layer, share] of kept.entries()) {
        for (const value of change(folder, layerTensor(layer)))
          expect(Math.abs(value - share * 0.25 * (layer + 1))).toBeLessThan(1e-6);
      }
      for (const name of ["model.embed_tokens.weight", "model.norm.weight", "lm_head.weight"]) {
        expect(readTensorBytes(openModelFolder(folder).tensors.get(name)!)).toEqual(
          readTensorBytes(openModelFolder(base).tensors.get(name)!),
        );
      }
      expect(record).toMatchObject({
        method,
        parts: 4,
        tensors: 39,
        tensorsByOwners: [3, 36, 0, 0, 0],
        cosine: null,
        meanNormRatio: null,
      });
    },
  );

  test("says how the changes of the owners agree", async () => {
    const parts = await Promise.all([0.5, 0.5, -0.5].map((value) => writePart(everything, value)));
    const { record } = await merge(parts, { method: "union" });
    expect(record.cosine).toBeCloseTo(-1 / 3, 6);
    expect(record.meanNormRatio).toBeCloseTo(1 / 3, 6);
    expect(record.tensorsByOwners).toEqual([0, 0, 0, 39]);
  });

  test("copies the other files, keeps frozen tensors in the base's type and makes trained ones f32", async () => {
    const half = await writeAs("bf16");
    writeFileSync(join(half, "tokenizer.json"), "text");
    writeFileSync(join(half, "pytorch_model.bin"), "other weights");
    const part = await writePart(slices[1], 0.5, half);
    const { folder } = await merge([part, { folder: half, window: slices[2] }], {}, { base: half });
    expect(readdirSync(folder).sort()).toEqual(["config.json", "model.safetensors", "tokenizer.json"]);
    expect(readFileSync(join(folder, "tokenizer.json"), "utf8")).toBe("text");
    expect(JSON.parse(readFileSync(join(folder, "config.json"), "utf8"))).toMatchObject({
      torch_dtype: "float32",
      note: "kept",
    });
    const dtypes = [0, 1, 2].map((layer) => openModelFolder(folder).tensors.get(layerTensor(layer))!.dtype);
    expect(dtypes).toEqual(["bf16", "f32", "bf16"]);
  });
});

test("a tensor that is read in pieces merges as a whole one does", async () => {
  const wide = fresh();
  const rows = 140_001;
  await writeInitialModel(wide, { ...config, layers: 1, vocabSize: rows, tieWordEmbeddings: true }, 5);
  const part = await (async (folder: string) => {
    await writeInitialModel(folder, { ...config, layers: 1, vocabSize: rows, tieWordEmbeddings: true }, 6);
    return { folder, window: { first: 0, end: 1, embeddings: true } };
  })(fresh());
  const name = "model.embed_tokens.weight";
  const [a, b] = [wide, part.folder].map((folder) => readTensor(openModelFolder(folder).tensors.get(name)!));
  const other = { folder: wide, window: part.window };
  const outerOptimizer = { method: "nesterov", learningRate: 0.5, momentum: 0 } as const;
  const linear = await merge([part, other], { method: "linear" }, { base: wide });
  const union = await merge([part, other], { method: "union", lambda: 0.5, outerOptimizer }, { base: wide });
  const at = (folder: string) => readTensor(openModelFolder(folder).tensors.get(name)!);
  const [half, eighth] = [at(linear.folder), at(union.folder)];
  const velocity = readTensor(openSafetensors(join(union.folder, "momentum.safetensors")).tensors.get(name)!);
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const errors = [
      half[i] - (a[i] + b[i]) / 2,
      eighth[i] - (a[i] + (b[i] - a[i]) / 8),
      velocity[i] - (b[i] - a[i]) / 4,
    ];
    worst = Math.max(worst, ...errors.map(Math.abs));
  }
  expect(worst).toBeLessThan(1e-8);
});

describe("the outer step over rounds", () => {
  const outerOptimizer = { method: "nesterov", learningRate: 0.5, momentum: 0.8 } as const;
  test("follows Nesterov's formula and keeps the momentum of layers that rest", async () => {
    const first = await merge([await writePart(slices[0], 0.5)], { method: "union", outerOptimizer });
    const momentum = join(first.folder, "momentum.safetensors");
    expect(change(first.folder, layerTensor(0))[3]).toBeCloseTo(0.5 * (0.5 + 0.8 * 0.5), 6);
    expect([...openSafetensors(momentum).tensors.values()].every(({ dtype }) => dtype === "f32")).toBe(true);
    expect(openSafetensors(momentum).tensors.size).toBe(9);
    const part = await writePart({ first: 1, end: 2, embeddings: false }, 0.25, first.folder);
    const second = await merge([part], { method: "union", outerOptimizer }, { momentum, base: first.folder });
    const kept = openSafetensors(join(second.folder, "momentum.safetensors")).tensors;
    expect(kept.size).toBe(18);
    for (const value of readTensor(kept.get(layerTensor(0))!)) expect(value).toBeCloseTo(0.5, 6);
    const again = await writePart(slices[0], 0.25, second.folder);
    const third = await merge(
      [again],
      { method: "union", outerOptimizer },
      {
        momentum: join(second.folder, "momentum.safetensors"),
        base: second.folder,
      },
    );
    const velocity = 0.8 * 0.5 + 0.25;
    expect(change(third.folder, layerTensor(0), second.folder)[0]).toBeCloseTo(0.5 * (0.25 + 0.8 * velocity), 6);
    expect(readdirSync(third.folder).sort()).toEqual([
      "config.json",
      "model.safetensors",
      "momentum.safetensors",
      "tokenizer.json",
    ]);
  });
  test("at rate 1 without momentum changes nothing", async () => {
    const parts = await Promise.all(slices.map((window) => writePart(window, 0.5)));
    const plain = await merge(parts);
    expect(
      bytes(
        (await merge(parts, { outerOptimizer: { method: "nesterov", learningRate: 1, momentum: 0 } })).folder,
      ).equals(bytes(plain.folder)),
    ).toBe(true);
  });
});

describe("a part that does not fit is an error, never a skipped tensor", () => {
  test("another configuration", async () => {
    const other = fresh();
    await writeInitialModel(other, { ...config, vocabSize: 25 }, 7);
    const path = join(other, "config.json");
    await expect(
      merge([
        { folder: base, window: slices[0] },
        { folder: other, window: slices[1] },
      ]),
    ).rejects.toMatchObject({
      name: "MergeError",
      message:
        `${path} vocabSize — expected 24 as in ${base}, got 25.\n  ` +
        "This part was trained from another model: omit it, or train it again from this base.",
    });
  });
  test("a tensor that is missing or has another shape", async () => {
    const part = await writePart(slices[0], 0);
    const source = openSafetensors(join(part.folder, "model.safetensors"));
    const write = async (keep: (name: string) => boolean, shapeOf: (shape: readonly number[]) => readonly number[]) => {
      const folder = fresh();
      mkdirSync(folder);
      writeFileSync(join(folder, "config.json"), readFileSync(join(base, "config.json")));
      const entries = [...source.tensors.values()]
        .filter(({ name }) => keep(name))
        .map(({ name, dtype, shape }) => ({ name, dtype, shape: shapeOf(shape) }));
      await writeSafetensors(join(folder, "model.safetensors"), entries, ({ name }) => [
        readTensorBytes(source.tensors.get(name)!),
      ]);
      return folder;
    };
    const without = await write(
      (name) => name !== layerTensor(2),
      (shape) => shape,
    );
    await expect(merge([{ folder: without, window: slices[0] }])).rejects.toMatchObject({
      name: "MergeError",
      parts: { where: `${without} ${layerTensor(2)}`, expected: "a tensor of shape [8, 12]", got: "nothing" },
    });
    const turned = await write(
      () => true,
      (shape) => shape.toReversed(),
    );
    await expect(merge([{ folder: turned, window: slices[0] }])).rejects.toMatchObject({
      name: "MergeError",
      parts: { expected: "shape [24, 8]", got: "[8, 24]" },
    });
  });
  test("a part that changed a tensor outside its window, as one from another base has", async () => {
    const { folder } = await writePart({ first: 0, end: 2, embeddings: false }, 0.5);
    const file = join(folder, "model.safetensors");
    const output = fresh();
    const options = { base, parts: [{ folder, window: slices[0] }], settings, folder: output, momentum: null };
    await expect(mergeModels(options)).rejects.toMatchObject({
      name: "MergeError",
      message:
        `${file} model.layers.1.input_layernorm.weight — expected the f32 bytes of ` +
        `${join(base, "model.safetensors")}, ` +
        "because it is outside this part's window, got different values.\n  " +
        "This part was not trained from this base, or not with this window.",
    });
    expect(readdirSync(output)).toEqual([]);
  });
  test("no part, a density that keeps nothing, momentum of another model", async () => {
    await expect(merge([])).rejects.toThrow("at least one part to merge, got none");
    const part = await writePart(slices[0], 0.5);
    await expect(merge([part], { method: "ties", density: 0.01 })).rejects.toMatchObject({
      name: "MergeError",
      parts: { got: "density 0.01 of 8 elements for part 1" },
    });
    const path = join(root, "other.safetensors");
    await writeSafetensors(path, [{ name: layerTensor(0), dtype: "f32", shape: [1] }], () => [new Uint8Array(4)]);
    await expect(
      merge([part], { outerOptimizer: { method: "nesterov", learningRate: 1, momentum: 0.5 } }, { momentum: path }),
    ).rejects.toMatchObject({
      name: "MergeError",
      parts: { where: `${path} ${layerTensor(0)}`, expected: "f32 of shape [8,12]", got: "f32 of shape [1]" },
    });
  });
});
