import { openTokenizer } from "../../src/tokenizer/tokenizer.js";
import { gguf, GGMLQuantizationType, type GGUFParseOutput } from "@huggingface/gguf";
import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exportGguf } from "../../src/convert/gguf/export-gguf.js";
import { quantizeQ8 } from "../../src/convert/gguf/quantize-q8.js";
import type { TensorType } from "../../src/convert/gguf/tensor-type.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { encodeFloats } from "../../src/tensor/dtype.js";
import { readTensorBytes } from "../../src/tensor/safetensors.js";
import { writeSafetensors } from "../../src/tensor/write-safetensors.js";
import { temporaryFolder } from "../temporary-folder.js";

interface Converted {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly tensors: Readonly<
    Record<string, { readonly type: string; readonly shape: readonly number[]; readonly sha256: string }>
  >;
  readonly ropeFactors: readonly number[] | null;
}
interface Golden {
  readonly q8Blocks: { readonly values: string; readonly q8_0: string };
  readonly models: Readonly<Record<string, Readonly<Record<TensorType, Converted>>>>;
}

// Written with llama.cpp's converter and quantizer: test/golden/make-gguf.py.
const golden = join(import.meta.dirname, "../golden/gguf");
const expected = JSON.parse(readFileSync(join(golden, "golden.json"), "utf8")) as Golden;
const models = Object.keys(expected.models);
const types = ["f32", "f16", "bf16", "q8_0"] as const;

interface Written extends GGUFParseOutput {
  readonly path: string;
  readonly data: (name: string) => Buffer;
}

const made = new Map<string, Promise<Written>>();

/** A golden model, exported once and parsed by an independent reader. */
function exported(model: string, type: TensorType): Promise<Written> {
  const key = `${model} ${type}`;
  const written = made.get(key) ?? exportAndRead(model, type);
  made.set(key, written);
  return written;
}

async function exportAndRead(model: string, type: TensorType): Promise<Written> {
  const path = join(temporaryFolder(), "model.gguf");
  exportGguf({ folder: join(golden, model), path, type, name: "A name", replace: false });
  const parsed = await gguf(path, { allowLocalFile: true });
  const file = readFileSync(path);
  const data = (name: string) => {
    const tensor = parsed.tensorInfos.find((info) => info.name === name)!;
    const elements = tensor.shape.reduce((a, b) => a * b, 1n);
    const bytes = { F32: 4, F16: 2, BF16: 2, Q8_0: 34 / 32 }[
      GGMLQuantizationType[tensor.dtype] as "F32" | "F16" | "BF16" | "Q8_0"
    ];
    const start = Number(parsed.tensorDataOffset + tensor.offset);
    return file.subarray(start, start + Number(elements) * bytes);
  };
  return { ...parsed, path, data };
}

const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
/** The hash of a list in Python's notation. */
const listHash = (values: readonly unknown[]) => ({
  sha256: sha256(`[${values.map((value) => JSON.stringify(value)).join(", ")}]`),
});

describe.each(models)("%s as GGUF", (model) => {
  describe.each(types)("%s", (type) => {
    const { metadata, tensors, ropeFactors } = expected.models[model][type];
    test("has the names, types, shapes and bytes of llama.cpp's converter", async () => {
      const { tensorInfos, data } = await exported(model, type);
      const got = Object.fromEntries(
        tensorInfos.map(({ name, dtype, shape }) => [
          name,
          { type: GGMLQuantizationType[dtype], shape: shape.map(Number), sha256: sha256(data(name)) },
        ]),
      );
      expect(Object.keys(got).toSorted()).toEqual(Object.keys(tensors).toSorted());
      for (const [name, tensor] of Object.entries(tensors)) {
        if (name === "rope_freqs.weight") expect(got[name]).toMatchObject({ type: tensor.type, shape: tensor.shape });
        else expect(got[name], name).toEqual(tensor);
      }
      const factors =
        ropeFactors === null ? [] : [...new Float32Array(Uint8Array.from(data("rope_freqs.weight")).buffer)];
      for (const [j, factor] of factors.entries()) expect(Math.abs(factor / ropeFactors![j] - 1)).toBeLessThan(2e-7);
    });
    test("has the metadata of llama.cpp's converter", async () => {
      const written = await exported(model, type);
      const got = Object.fromEntries(
        Object.entries(written.metadata).map(([key, value]) => [key, Array.isArray(value) ? listHash(value) : value]),
      );
      const known = Object.entries(metadata).filter(
        ([key]) => key in got && key !== "general.name" && !key.startsWith("GGUF."),
      );
      expect(known.length).toBeGreaterThan(20);
      for (const [key, value] of known) expect(got[key], key).toEqual(value);
      // Strata does not write the size label, such as "8B".
      expect(Object.keys(metadata).filter((key) => !(key in got) && !key.startsWith("GGUF."))).toEqual([
        "general.size_label",
      ]);
      expect(got["general.name"]).toBe("A name");
    });
    test("aligns every tensor and its own length to 32 bytes", async () => {
      const { tensorInfos, tensorDataOffset, path } = await exported(model, type);
      expect(Number(tensorDataOffset) % 32).toBe(0);
      for (const { offset } of tensorInfos) expect(Number(offset) % 32).toBe(0);
      expect(readFileSync(path).length % 32).toBe(0);
    });
  });
});

test("the same model gives the same file", () => {
  const files = [1, 2].map((n) => {
    const path = join(temporaryFolder(), `${n}.gguf`);
    exportGguf({ folder: join(golden, "untied"), path, type: "q8_0", replace: false });
    return sha256(readFileSync(path));
  });
  expect(files[0]).toBe(files[1]);
});

test("q8_0 gives the bytes of ggml's quantizer, for all magnitudes", () => {
  const values = new Float32Array(Uint8Array.from(Buffer.from(expected.q8Blocks.values, "base64")).buffer);
  expect(values.length / 32).toBe(26);
  expect(Buffer.from(quantizeQ8(values)).toString("base64")).toBe(expected.q8Blocks.q8_0);
});

test("bf16 export of a bf16 model keeps the bytes of matrices without RoPE", async () => {
  const { data } = await exported("tied-llama3-rope", "bf16");
  const { tensors } = openModelFolder(join(golden, "tied-llama3-rope"));
  expect(data("token_embd.weight").equals(readTensorBytes(tensors.get("model.embed_tokens.weight")!))).toBe(true);
  expect(
    data("blk.1.ffn_down.weight").equals(readTensorBytes(tensors.get("model.layers.1.mlp.down_proj.weight")!)),
  ).toBe(true);
});

test("matrices whose rows are not whole blocks are kept in f16 and listed", () => {
  const path = join(temporaryFolder(), "model.gguf");
  const record = exportGguf({ folder: join(golden, "tied-llama3-rope"), path, type: "q8_0", replace: false });
  expect(record.keptF16).toEqual(["blk.0.ffn_down.weight", "blk.1.ffn_down.weight"]);
  expect(record.bytes).toBe(readFileSync(path).length);
});

test("the last progress report covers all elements", () => {
  const seen: number[][] = [];
  const path = join(temporaryFolder(), "model.gguf");
  const { elements } = exportGguf({
    folder: join(golden, "untied"),
    path,
    type: "f16",
    replace: false,
    onProgress: (...counts) => seen.push(counts),
  });
  expect(seen.at(-1)).toEqual([elements, elements]);
});

test("a Mistral with a sliding window, which llama.cpp lacks, gets the window as context length", async () => {
  const folder = copiedModel("untied", { model_type: "mistral", sliding_window: 32 });
  const path = join(folder, "model.gguf");
  exportGguf({ folder, path, type: "f16", replace: false });
  const { metadata } = await gguf(path, { allowLocalFile: true });
  expect(metadata).toMatchObject({ "general.architecture": "llama", "llama.context_length": 32 });
});

describe("rejected, with nothing written:", () => {
  test("an existing file, unless it is to be replaced", () => {
    const path = join(temporaryFolder(), "model.gguf");
    writeFileSync(path, "mine");
    const options = { folder: join(golden, "untied"), path, type: "f16" } as const;
    expect(() => exportGguf({ ...options, replace: false })).toThrow(
      `${path} — expected a file that does not exist yet, got an existing file.\n` +
        "  Choose another name, or replace the file with --force.",
    );
    expect(readFileSync(path, "utf8")).toBe("mine");
    exportGguf({ ...options, replace: true });
    expect(readFileSync(path).toString("latin1", 0, 4)).toBe("GGUF");
  });
  test.each([
    [70000, "f16", "magnitudes of at most 65504, the maximum of f16, got 70000.\n  Export the model as bf16."],
    [1e9, "q8_0", "magnitudes of at most 8319008, the maximum of q8_0, got 1000000000.\n  Export the model as bf16."],
    [
      NaN,
      "bf16",
      "finite values, got NaN.\n  The model is damaged, or its training diverged: use an earlier checkpoint.",
    ],
  ] as const)("a weight of %d as %s", async (value, type, message) => {
    const folder = await changedModel("model.layers.1.mlp.up_proj.weight", value);
    const path = join(folder, "model.gguf");
    expect(() => exportGguf({ folder, path, type, replace: false })).toThrow(
      `${join(folder, "model.safetensors")} model.layers.1.mlp.up_proj.weight — expected ${message}`,
    );
    expect(readdirSync(folder).filter((name) => name.includes("gguf"))).toEqual([]);
  });
  test("a Qwen2 with Llama 3's rope scaling, which llama.cpp does not support", () => {
    const rope = {
      rope_type: "llama3",
      rope_theta: 10000,
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 16,
    };
    const folder = copiedModel("qwen2", { rope_parameters: rope });
    expect(() => exportGguf({ folder, path: join(folder, "model.gguf"), type: "f16", replace: false })).toThrow(
      `${folder} rope_scaling — expected none or linear, which llama.cpp supports for Qwen2, got ` +
        "llama3.\n  llama.cpp cannot run this model.",
    );
  });
  test("a tokenizer with more tokens than the model", () => {
    const folder = copiedModel("untied");
    const path = join(folder, "tokenizer.json");
    const tokenizer = JSON.parse(readFileSync(path, "utf8")) as { added_tokens: object[] };
    // Ids follow those of the vocabulary.
    for (let i = 0; openTokenizer(folder).vocabSize < 301; i++) {
      tokenizer.added_tokens.push({ id: 0, content: `<|far${i}|>`, special: true });
      writeFileSync(path, JSON.stringify(tokenizer));
    }
    const name = JSON.stringify(openTokenizer(folder).decode([300]));
    expect(() => exportGguf({ folder, path: join(folder, "model.gguf"), type: "f16", replace: false })).toThrow(
      `${path} — expected ids below 300, the model's vocab_size, got 300 (${name}).\n` +
        "  The tokenizer belongs to another model: copy the model and the tokenizer from the same folder.",
    );
    expect(existsSync(join(folder, "model.gguf"))).toBe(false);
  });
});

/** A copy of a golden model with changed members in its config.json. */
function copiedModel(model: string, members: object = {}): string {
  const folder = join(temporaryFolder(), "model");
  cpSync(join(golden, model), folder, { recursive: true });
  const config = join(folder, "config.json");
  writeFileSync(config, JSON.stringify({ ...(JSON.parse(readFileSync(config, "utf8")) as object), ...members }));
  return folder;
}

/** A copy of the untied model with one changed weight. */
async function changedModel(name: string, value: number): Promise<string> {
  const { tensors } = openModelFolder(join(golden, "untied"));
  const folder = copiedModel("untied");
  await writeSafetensors(join(folder, "model.safetensors"), [...tensors.values()], (entry) => {
    const bytes = readTensorBytes(tensors.get(entry.name)!);
    if (entry.name === name) bytes.set(encodeFloats(Float32Array.of(value), "f32"), 40);
    return [bytes];
  });
  return folder;
}
