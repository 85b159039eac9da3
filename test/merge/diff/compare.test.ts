import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openMergeKernels } from "../../../src/merge/core/kernels/open-kernels.js";
import { compareCheckpoints, type CheckpointDifference } from "../../../src/merge/diff/compare-checkpoints.js";
import { openCheckpoint } from "../../../src/merge/diff/checkpoint.js";
import { createFileReader } from "../../../src/merge/inputs/file-reader.js";
import { formatHeader } from "../../../src/tensor/safetensors.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { writeModel, type ModelTensor } from "../end-to-end/merge-runs.js";

const root = temporaryFolder();
const { kernels } = openMergeKernels(2);

async function compare(a: string, b: string): Promise<CheckpointDifference> {
  const files = createFileReader();
  try {
    const [left, right] = [a, b].map((path) => openCheckpoint(join(root, path), (folder) => folder, files));
    return await compareCheckpoints(left, right, { kernels });
  } finally {
    files.close();
  }
}

function pseudoRandom(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

/** Above the elements of a chunk. */
const long = (1 << 20) + 77;

const model: Readonly<Record<string, ModelTensor>> = {
  "model.embed_tokens.weight": { shape: [10, 4], values: pseudoRandom(40, 1) },
  "model.layers.0.mlp.up_proj.weight": { shape: [long], values: pseudoRandom(long, 2) },
  "model.layers.0.input_layernorm.weight": { shape: [4], values: [1, 1, 1, 1] },
  "model.layers.1.mlp.up_proj.weight": { shape: [3, 4], values: pseudoRandom(12, 3) },
  "model.norm.weight": { shape: [4], values: [1, 2, 3, 4] },
  "lm_head.weight": { shape: [10, 4], values: pseudoRandom(40, 4) },
};
writeModel(join(root, "model"), model);

test("a folder compared with itself is identical everywhere", async () => {
  const difference = await compare("model", "model");
  expect(difference.identical).toBe(true);
  expect(difference.tensors.map(({ state }) => state)).toEqual(Object.keys(model).map(() => "identical"));
  expect(difference.groups.map(({ label }) => label)).toEqual(["embeddings", "layer 0", "layer 1", "norm", "head"]);
  expect(difference.total).toMatchObject({ change: 0, relativeChange: 0, changedElements: 0, largestChange: 0 });
  expect(difference.total?.cosine).toBeCloseTo(1, 12);
});

test("numbers computed by hand: norms 5 and 13, change 12, cosine 25 / 65", async () => {
  writeModel(join(root, "hand-a"), { "layers.0.w": { shape: [2, 2], values: [3, 4, 0, 0] } });
  writeModel(join(root, "hand-b"), { "layers.0.w": { shape: [2, 2], values: [3, 4, 0, 12] } });
  const [{ measures, state }] = (await compare("hand-a", "hand-b")).tensors;
  expect(state).toBe("changed");
  expect(measures).toEqual({
    elements: 4,
    changedElements: 1,
    notFinite: 0,
    normA: 5,
    normB: 13,
    change: 12,
    relativeChange: 2.4,
    cosine: 25 / 65,
    largestChange: 12,
  });
});

test("a known change of one layer has its norm, and all else is identical", async () => {
  const name = "model.layers.0.mlp.up_proj.weight";
  const old = model[name].values as Float32Array;
  const values = old.map((value, i) => Math.fround(value) + (i % 1000 === 0 ? 2 ** -3 : 0));
  const exact = values.reduce((sum, value, i) => sum + (value - old[i]) ** 2, 0);
  writeModel(join(root, "moved"), { ...model, [name]: { shape: [long], values } });
  const { groups, tensors, total } = await compare("model", "moved");
  const moved = tensors.filter(({ state }) => state !== "identical");
  expect(moved.map((tensor) => tensor.name)).toEqual([name]);
  expect(moved[0].measures?.changedElements).toBe(Math.ceil(long / 1000));
  expect(moved[0].measures?.change).toBeCloseTo(Math.sqrt(exact), 7);
  expect(total?.change).toBeCloseTo(Math.sqrt(exact), 7);
  expect(groups.map(({ label, states }) => [label, states.changed, states.identical])).toEqual([
    ["embeddings", 0, 1],
    ["layer 0", 1, 1],
    ["layer 1", 0, 1],
    ["norm", 0, 1],
    ["head", 0, 1],
  ]);
});

test("several files equal one, and a file alone equals its folder", async () => {
  const folder = join(root, "sharded");
  mkdirSync(folder);
  const names = Object.keys(model);
  const map: Record<string, string> = {};
  for (const [i, chosen] of [names.slice(0, 2), names.slice(2)].entries()) {
    const file = `model-0000${i + 1}-of-00002.safetensors`;
    writeModel(join(root, "part"), Object.fromEntries(chosen.map((name) => [name, model[name]])), null);
    cpSync(join(root, "part/model.safetensors"), join(folder, file));
    for (const name of chosen) map[name] = file;
  }
  writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify({ metadata: {}, weight_map: map }));
  expect((await compare("model", "sharded")).identical).toBe(true);
  expect((await compare("model/model.safetensors", "sharded")).identical).toBe(true);
});

test("bf16 and f32 are compared by value", async () => {
  const values = [1, -2.5, 0, 3];
  writeModel(join(root, "f32"), { w: { shape: [4], values } });
  writeModel(join(root, "bf16"), { w: { shape: [4], values, dtype: "bf16" } });
  const same = await compare("f32", "bf16");
  expect(same.identical).toBe(false);
  expect(same.tensors[0]).toMatchObject({ state: "equal", a: { dtype: "F32" }, b: { dtype: "BF16" } });
  writeModel(join(root, "finer"), { w: { shape: [4], values: [1, -2.5, 0, 3 + 2 ** -10] } });
  const rounded = await compare("finer", "bf16");
  expect(rounded.tensors[0]).toMatchObject({ state: "changed", measures: { changedElements: 1, change: 2 ** -10 } });
});

test("names, shapes and NaN that differ are listed", async () => {
  writeModel(join(root, "left"), {
    a: { shape: [2], values: [1, 2] },
    b: { shape: [2, 2], values: [1, 2, 3, 4] },
    c: { shape: [3], values: [1, NaN, 3] },
  });
  writeModel(join(root, "right"), {
    b: { shape: [4], values: [1, 2, 3, 4] },
    c: { shape: [3], values: [1, 2, 5] },
    d: { shape: [1], values: [1] },
  });
  const difference = await compare("left", "right");
  expect([difference.onlyInA, difference.onlyInB]).toEqual([["a"], ["d"]]);
  expect(difference.tensors.map(({ name, state }) => [name, state])).toEqual([
    ["b", "otherShape"],
    ["c", "changed"],
  ]);
  expect(difference.tensors[0].measures).toBeNull();
  expect(difference.tensors[1].measures).toMatchObject({ notFinite: 1, change: 2, normA: Math.sqrt(10) });
});

test("integers are compared by their bytes", async () => {
  for (const [folder, value] of [
    ["int-a", 7],
    ["int-b", 8],
  ] as const) {
    mkdirSync(join(root, folder));
    const header = formatHeader([{ name: "ids", dtype: "i32", shape: [1] }], {});
    writeFileSync(join(root, folder, "model.safetensors"), Buffer.concat([header, Buffer.from([value, 0, 0, 0])]));
  }
  expect((await compare("int-a", "int-b")).tensors[0]).toMatchObject({ state: "differs", measures: null });
  expect((await compare("int-a", "int-a")).identical).toBe(true);
});
