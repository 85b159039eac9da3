import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../temporary-folder.js";
import { mergeInProcess } from "./merge-in-process.js";
import { mergeConfig, writeModel, type ModelTensor } from "./merge-runs.js";

const names = ["a", "b", "c", "d"];

/** `Float32Array.from` takes ten times as long for millions of values. */
function filled(length: number, valueAt: (i: number) => number): Float32Array {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = valueAt(i);
  return values;
}

/** Four models with tensors of several chunks and of few elements. */
function fourModels(dtype: "f32" | "bf16" | "f16" = "bf16", rows = 1100): string {
  const folder = temporaryFolder();
  names.forEach((name, k) => {
    const noise = (i: number) => Math.sin(i * (k + 1.5)) * 0.3;
    const tensors: Record<string, ModelTensor> = {
      "model.embed_tokens.weight": {
        shape: [rows, 1000],
        values: filled(rows * 1000, noise),
        dtype,
      },
      "model.norm.weight": { shape: [3], values: [1, 2, noise(k)], dtype },
    };
    for (const layer of [0, 1]) {
      const values = filled(700, (i) => noise(i + layer));
      tensors[`model.layers.${layer}.mlp.up_proj.weight`] = { shape: [70, 10], values, dtype };
    }
    writeModel(join(folder, name), tensors, { architectures: ["LlamaForCausalLM"], num_hidden_layers: 2, name });
  });
  return folder;
}

const slerp = (a: string, b: string, more = "") =>
  `merge_method: slerp\nbase_model: ${a}\nmodels: [{model: ${a}}, {model: ${b}}]\nparameters: {t: [0.3, 0.6]}\n${more}`;

/** Merges each document by itself into a folder of its name, the last one into `out`. */
async function inTurn(folder: string, documents: readonly string[]): Promise<void> {
  for (const text of documents) {
    const { code, err } = await mergeConfig(folder, text, ["--allow-crimes"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const name = /^name: (.*)$/m.exec(text)?.[1];
    if (name !== undefined) renameSync(join(folder, "out"), join(folder, name));
  }
}

const read = (folder: string, name: string) =>
  createHash("sha256")
    .update(readFileSync(join(folder, name)))
    .digest("hex");

test.each([
  ["bf16", "", ""],
  ["f32", "", "dtype: bfloat16\nout_dtype: float16\n"],
  ["f16", "dtype: float32\n", "out_dtype: float32\n"],
] as const)(
  "a tree of slerp in one file gives the bytes of its merges in turn: %s %j %j",
  async (dtype, inner, outer) => {
    const folder = fourModels(dtype);
    const documents = [
      `name: left\n${slerp("a", "b", inner)}`,
      `name: right\n${slerp("c", "d", inner)}`,
      slerp("left", "right", outer),
    ];
    const whole = temporaryFolder();
    const yaml = documents.join("---\n");
    const { code, err, out } = await mergeConfig(folder, yaml);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("SLERP of left, right");
    expect(readFileSync(join(folder, "out/mergekit_config.yml"), "utf8")).toBe(yaml);
    renameSync(join(folder, "out"), join(whole, "out"));
    await inTurn(folder, documents);
    for (const name of ["model.safetensors", "config.json"])
      expect(read(folder, `out/${name}`)).toBe(read(whole, `out/${name}`));
    expect(readdirSync(join(whole, "out"))).toEqual(readdirSync(join(folder, "out")));
  },
);

test("a tensor that is too large to be kept is merged again for each pass", async () => {
  const folder = temporaryFolder();
  for (const [k, name] of ["a", "b"].entries()) {
    const values = filled(17e6, (i) => ((i * (k + 3)) % 1013) / 1013 - 0.4);
    writeModel(join(folder, name), { "head.weight": { shape: [17000, 1000], values } });
  }
  const documents = [
    `name: left\n${slerp("a", "b")}`,
    "merge_method: ties\nbase_model: a\nmodels: [{model: left}]\nparameters: {weight: 1, density: 0.3}\n",
  ];
  await mergeInProcess({ cwd: folder, yaml: documents.join("---\n") });
  const expected = read(folder, "out/model.safetensors");
  rmSync(join(folder, "out"), { recursive: true });
  await mergeInProcess({ cwd: folder, yaml: documents[0] });
  renameSync(join(folder, "out"), join(folder, "left"));
  await mergeInProcess({ cwd: folder, yaml: documents[1] });
  expect(read(folder, "out/model.safetensors")).toBe(expected);
});

test("stacked layers of a task vector's result, in any order of the documents", async () => {
  const folder = fourModels();
  const documents = [
    "name: sum\nmerge_method: task_arithmetic\nbase_model: a\nmodels: [{model: b, parameters: {weight: 0.5}}]\n",
    "name: tall\nmerge_method: passthrough\nslices:\n- sources: [{model: sum, layer_range: [0, 2]}]\n" +
      "- sources: [{model: c, layer_range: [1, 2]}]\n",
    "merge_method: linear\nmodels:\n- {model: tall, parameters: {weight: 1}}\n" +
      "- {model: tall, parameters: {weight: 3}}\n",
  ];
  const whole = temporaryFolder();
  const { code, err } = await mergeConfig(folder, [documents[2], documents[1], documents[0]].join("---\n"));
  expect({ code, err }).toEqual({ code: 0, err: "" });
  renameSync(join(folder, "out"), join(whole, "out"));
  await inTurn(folder, documents);
  for (const name of ["model.safetensors", "config.json"])
    expect(read(folder, `out/${name}`)).toBe(read(whole, `out/${name}`));
  expect(JSON.parse(readFileSync(join(whole, "out/config.json"), "utf8"))).toMatchObject({ num_hidden_layers: 3 });
});

test("two documents may read different layers of one result", async () => {
  const folder = fourModels("f32");
  const documents = [
    `name: left\n${slerp("a", "b")}`,
    "name: turned\nmerge_method: passthrough\nslices:\n- sources: [{model: left, layer_range: [1, 2]}]\n" +
      "- sources: [{model: left, layer_range: [0, 1]}]\n",
    slerp("left", "turned"),
  ];
  const whole = temporaryFolder();
  const { code, err } = await mergeConfig(folder, documents.join("---\n"));
  expect({ code, err }).toEqual({ code: 0, err: "" });
  renameSync(join(folder, "out"), join(whole, "out"));
  await inTurn(folder, documents);
  expect(read(folder, "out/model.safetensors")).toBe(read(whole, "out/model.safetensors"));
});

test("a tree that is interrupted goes on and gives the same bytes", async () => {
  const folder = fourModels();
  const yaml = `name: left\n${slerp("a", "b")}---\nname: right\n${slerp("c", "d")}---\n${slerp("left", "right")}`;
  await mergeInProcess({ cwd: folder, yaml });
  const expected = read(folder, "out/model.safetensors");
  renameSync(join(folder, "out"), join(folder, "whole"));
  await expect(mergeInProcess({ cwd: folder, yaml, interruptAfter: 2 })).rejects.toThrow();
  expect((await mergeInProcess({ cwd: folder, yaml })).resumed).toBe(2);
  expect(read(folder, "out/model.safetensors")).toBe(expected);
});

const last = slerp("left", "c");
test.each([
  [
    `${slerp("a", "b")}---\n${slerp("c", "d")}`,
    /merge\.yml:1:1 — expected one document without a name, got 2\.\n {2}Give each document a `name`/,
  ],
  [
    `name: left\n${slerp("a", "b")}---\nname: left\n${slerp("c", "d")}---\n${last}`,
    /expected names that differ, got two documents named left/,
  ],
  [
    `name: left\n${slerp("a", "b")}---\nname: spare\n${slerp("c", "d")}---\n${last}`,
    /expected results that the last document needs, got spare, which no document names/,
  ],
  [
    `name: left\n${slerp("a", "right")}---\nname: right\n${slerp("left", "d")}---\n${last}`,
    /merge\.yml left — expected merges in an order, got a result that needs itself/,
  ],
  [
    "name: left\nmerge_method: dare_ties\nbase_model: a\n" +
      `models: [{model: b, parameters: {weight: 1, density: 0.5}}]\n---\n${last}`,
    /merge\.yml left — expected a method without random numbers, got dare_ties\.\n {2}Merge it first/,
  ],
  [
    `name: left\n${slerp("a", "b", "tokenizer_source: base\n")}---\n${last}`,
    /merge\.yml left — expected no tokenizer in a merge that another document reads/,
  ],
  [`name: left\n${slerp("a", "nowhere")}---\n${last}`, /nowhere/],
  [`name: left\n${slerp("a", "b")}---\n`, /expected a merge configuration as a mapping of keys, got null/],
])("%j is refused and leaves no folder", async (yaml, message) => {
  const folder = fourModels("bf16", 2);
  const { code, err } = await mergeConfig(folder, yaml);
  expect(err).toMatch(message);
  expect(code).toBe(1);
  expect(readdirSync(folder).sort()).toEqual([...names, "merge.yml"]);
});
