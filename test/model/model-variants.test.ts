import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { planTensors } from "../../src/convert/gguf/tensor-plan.js";
import type { Device } from "../../src/device/kernels.js";
import { deviceReport, openDevice } from "../../src/device/open-device.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { mergeModels } from "../../src/merge/merge.js";
import { createScorer } from "../../src/model/inference/score.js";
import { openModelFolder, type ModelFolder } from "../../src/model/files/model-folder.js";
import { loadModel } from "../../src/model/model.js";
import { saveModel } from "../../src/train/save-model.js";
import { exportModelFolder } from "../../src/run/export-model.js";
import { readTensorBytes } from "../../src/tensor/safetensors.js";
import { StrataError } from "../../src/errors/strata-error.js";
import { temporaryFolder } from "../temporary-folder.js";
import { readRawTensors, writeRawTensors, type RawTensor } from "./raw-safetensors.js";

/** The tensors of a file, by name and name in the pool, as differences from a set; null for one that is missing. */
interface DescribedFile {
  readonly set: string;
  /** The name of the first tensor, if it is one of the changes. */
  readonly first: string | null;
  readonly changes: Readonly<Record<string, string | null>>;
}

interface Variant {
  readonly name: string;
  /** The text of config.json; null for the common one. */
  readonly config: string | null;
  readonly files: Readonly<Record<string, DescribedFile>>;
  /** A pattern of the error, or null if the folder is read as transformers reads it. */
  readonly refuses: string | null;
  /** A pattern of the note. */
  readonly note: string | null;
  /** After the last id, in f32. */
  readonly logits?: readonly number[];
}

/** Made by test/golden/make-model-variants.py. */
const golden = join(import.meta.dirname, "../golden/model-variants");
const { ids, config, sets, variants } = JSON.parse(readFileSync(join(golden, "variants.json"), "utf8")) as {
  readonly ids: readonly number[];
  readonly config: object;
  readonly sets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly variants: readonly Variant[];
};
const pool = readRawTensors(join(golden, "pool.safetensors"));
const read = variants.filter(({ refuses }) => refuses === null);
const refused = variants.filter(({ refuses }) => refuses !== null);
const index = "model.safetensors.index.json";

function written({ name, config: text, files }: Variant): string {
  const folder = join(temporaryFolder(), name.replaceAll(/\W+/g, "-"));
  mkdirSync(folder);
  const map: Record<string, string> = {};
  for (const [file, { set, first, changes }] of Object.entries(files)) {
    const named = { ...sets[set], ...changes };
    const order = Object.keys(named).sort((a, b) => Number(b === first) - Number(a === first));
    const names = order.filter((tensor) => named[tensor] !== null);
    const tensors = names.map((tensor): RawTensor => ({ ...pool.get(named[tensor] as string)!, name: tensor }));
    writeRawTensors(join(folder, file), tensors);
    if (file !== "model.safetensors") for (const tensor of names) map[tensor] = file;
  }
  if (Object.keys(map).length > 0)
    writeFileSync(join(folder, index), JSON.stringify({ metadata: {}, weight_map: map }));
  writeFileSync(join(folder, "config.json"), text ?? JSON.stringify(config));
  return folder;
}

/** −log softmax after the last id. */
async function lastLosses(folder: string, device: Device): Promise<readonly number[]> {
  const source = openModelFolder(folder);
  const model = loadModel(device, source, null);
  const V = source.config.vocabSize;
  const { losses } = await createScorer(model, ids.length * V).score({
    ids: Int32Array.from(ids),
    positions: Int32Array.from(ids, (_, n) => n),
    groups: [{ start: 0, prefix: ids.length, continuations: [] }],
    rows: new Int32Array(V).fill(ids.length - 1),
    targets: Int32Array.from({ length: V }, (_, v) => v),
  });
  model.close();
  return [...losses];
}

function lossesOf(logits: readonly number[]): readonly number[] {
  const sum = Math.log(logits.reduce((total, logit) => total + Math.exp(logit), 0));
  return logits.map((logit) => sum - logit);
}

function expectClose(got: readonly number[], expected: readonly number[]): void {
  expect(got.length).toBe(expected.length);
  got.forEach((loss, v) => expect(Math.abs(loss - expected[v]), `loss of ${v}`).toBeLessThan(5e-6 * (1 + expected[v])));
}

test("the variants are many, and both kinds occur", () => {
  expect(read.length).toBeGreaterThan(35);
  expect(refused.length).toBeGreaterThan(25);
});

const cpu = (await deviceReport()).find(({ name }) => name === "cpu");

describe.skipIf(!cpu?.available)(`on the cpu device${cpu?.reason ? ` (${cpu.reason})` : ""}, too`, () => {
  test.each(read)("$name", async (variant) => {
    expectClose(await lastLosses(written(variant), await openDevice("cpu", 1, "f32")), lossesOf(variant.logits!));
  });
});

describe("a folder that transformers reads has the same logits", () => {
  test.each(read)("$name", async (variant) => {
    const folder = written(variant);
    expectClose(await lastLosses(folder, createReferenceDevice("f32")), lossesOf(variant.logits!));
    const { notes } = openModelFolder(folder);
    if (variant.note === null) expect(notes).toEqual([]);
    else expect(notes.join("\n")).toMatch(new RegExp(variant.note));
  });
});

describe("a folder that Strata does not read is refused by name", () => {
  test.each(refused)("$name", (variant) => {
    const folder = written(variant);
    let message = "read";
    try {
      openModelFolder(folder);
    } catch (error) {
      expect(error).toBeInstanceOf(StrataError);
      message = String(error);
    }
    expect(message).toMatch(new RegExp(variant.refuses!));
    expect(message).toContain(folder);
  });
});

/** All tensors by name, as text. */
function bytesOf({ tensors }: ModelFolder): readonly (readonly [string, string])[] {
  return [...tensors].map(([name, tensor]) => [name, Buffer.from(readTensorBytes(tensor)).toString("base64")]);
}

describe("a written model is the same model, without notes", () => {
  test.each(read)("$name", async (variant) => {
    const folder = written(variant);
    const source = openModelFolder(folder);
    const target = temporaryFolder();
    const [saved, merged, exported] = ["saved", "merged", "exported"].map((name) => join(target, name));
    const device = createReferenceDevice("f32");
    await saveModel(saved, loadModel(device, source, null), source);
    const window = { first: 0, end: source.config.layers, embeddings: true };
    const settings = { method: "slerp", trainedShare: 0.8, density: 1, lambda: 1, outerOptimizer: null } as const;
    await mergeModels({ base: folder, parts: [{ folder: saved, window }], settings, folder: merged, momentum: null });
    await exportModelFolder(folder, { folder: exported, shardBytes: 5000 });
    for (const copy of [saved, merged, exported]) {
      const again = openModelFolder(copy);
      expect(again.config, copy).toEqual(source.config);
      expect(again.notes.filter((note) => !note.includes("rope_scaling"))).toEqual([]);
      expect(again.configChanges).toEqual({});
      expect([...again.tensors.values()].map(({ name }) => name)).toEqual([...source.tensors.keys()]);
      expect(bytesOf(again), copy).toEqual(bytesOf(source));
    }
  });
});

test("a head that differs is trained as a separate matrix, and written models say that it is not tied", async () => {
  const folder = written(variants.find(({ name }) => name === "tied, both differ")!);
  const source = openModelFolder(folder);
  const model = loadModel(createReferenceDevice("f32"), source, { first: 0, end: 2, embeddings: true });
  expect(model.gradients.has("lm_head.weight") && model.gradients.has("model.embed_tokens.weight")).toBe(true);
  const saved = join(temporaryFolder(), "saved");
  await saveModel(saved, model, source);
  expect(JSON.parse(readFileSync(join(saved, "config.json"), "utf8"))).toMatchObject({ tie_word_embeddings: false });
  expect(planTensors(source, "f16").map((tensor) => tensor.name)).toContain("output.weight");
});

test("a folder of AutoModel is written as the class of the whole model; NaN keeps its form", async () => {
  const saved = join(temporaryFolder(), "saved");
  const copy = async (name: string) => {
    const folder = written(variants.find((variant) => variant.name === name)!);
    const target = join(saved, name);
    await exportModelFolder(folder, { folder: target, shardBytes: 1e9 });
    return [readFileSync(join(folder, "config.json"), "utf8"), readFileSync(join(target, "config.json"), "utf8")];
  };
  const [before, after] = await copy("base model, tied");
  expect(JSON.parse(after)).toEqual({ ...JSON.parse(before), architectures: ["LlamaForCausalLM"] });
  expect((await copy("NaN and infinity"))[1]).toContain('"limits": [Infinity, "NaN", -Infinity]');
});
