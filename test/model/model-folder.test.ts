import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { readJson } from "../../src/model/files/read-config.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { haveSameValues } from "../../src/model/files/same-values.js";
import { writeModelFolder } from "../../src/model/files/write-model-folder.js";
import { exportModelFolder } from "../../src/run/export-model.js";
import { encodeFloats } from "../../src/tensor/dtype.js";
import { openSafetensors, storedChunks, type StoredTensor } from "../../src/tensor/safetensors.js";
import { writeSafetensors } from "../../src/tensor/write-safetensors.js";
import { temporaryFolder } from "../temporary-folder.js";
import { picoConfig, picoModel } from "./pico.js";

const picoFolder = async () => (await picoModel(picoConfig)).folder;
const configOf = (folder: string) => JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as object;

describe("config.json is read as Python reads JSON", () => {
  test.each([
    ["a byte order mark", (text: string) => `\ufeff${text}`],
    ["a comment", (text: string) => `// model\n${text}`],
    ["a comma at the end", (text: string) => text.replace(/\}\s*$/, ",}")],
    ["bytes that are no UTF-8", (text: string) => Buffer.concat([Buffer.from(text), Buffer.from([0xff])])],
    ["UTF-16", (text: string) => Buffer.from(text, "utf16le")],
  ])("%s is an error with the file's name", async (_, change) => {
    const folder = await picoFolder();
    const path = join(folder, "config.json");
    writeFileSync(path, change(readFileSync(path, "utf8")));
    expect(() => openModelFolder(folder)).toThrow(
      new RegExp(`^${path} — expected JSON, got .*\\n {2}The file is damaged: copy or download it again\\.$`, "s"),
    );
  });

  test.each(["null", "[]", '"llama"', "1"])("%s in place of an object is an error", async (text) => {
    const folder = await picoFolder();
    writeFileSync(join(folder, "config.json"), text);
    expect(() => openModelFolder(folder)).toThrow(
      `${join(folder, "config.json")} — expected the members of a model's configuration, got ${text}.`,
    );
  });

  test("NaN and infinities are values; a changed file has them as transformers writes them", async () => {
    const folder = await picoFolder();
    const path = join(folder, "config.json");
    const odd = '{"loss": NaN, "range": [-Infinity, Infinity], "text": "NaN \\" Infinity", "torch_dtype": "bfloat16", ';
    writeFileSync(
      path,
      readFileSync(path, "utf8")
        .replace("{", odd)
        .replaceAll(/"torch_dtype": "float32",?/g, ""),
    );
    const tagged = {
      loss: { __float__: "NaN" },
      range: [{ __float__: "-Infinity" }, { __float__: "Infinity" }],
      text: 'NaN " Infinity',
    };
    expect(readJson(path)).toMatchObject(tagged);
    const source = openModelFolder(folder);
    const entries = [...source.tensors].map(([name, { shape }]) => ({ name, shape, dtype: "f16" as const }));
    const written = join(folder, "written");
    await writeModelFolder(written, source, entries, ({ shape }) => [
      new Uint8Array(2 * shape.reduce((a, b) => a * b, 1)),
    ]);
    expect(configOf(written)).toMatchObject({ ...tagged, torch_dtype: "float16" });
  });

  test("a number that is NaN is an error where it is used", async () => {
    const folder = await picoFolder();
    const path = join(folder, "config.json");
    writeFileSync(
      path,
      JSON.stringify({ ...configOf(folder), rms_norm_eps: 0 }).replace('"rms_norm_eps":0', '"rms_norm_eps":NaN'),
    );
    expect(() => openModelFolder(folder)).toThrow('rms_norm_eps — expected a number, got {"__float__":"NaN"}');
  });
});

describe("the files of a folder", () => {
  test("may be symbolic links, as in the cache of the hub", async () => {
    const folder = await picoFolder();
    const blobs = temporaryFolder();
    for (const name of ["config.json", "model.safetensors"]) {
      renameSync(join(folder, name), join(blobs, name));
      symlinkSync(join(blobs, name), join(folder, name));
    }
    expect(openModelFolder(folder).tensors.size).toBe(2 + 9 * picoConfig.layers);
  });

  test("that are missing, folders, or lack a tensor that the index names are errors with the name", async () => {
    const folder = await picoFolder();
    const weights = join(folder, "model.safetensors");
    const index = join(folder, "model.safetensors.index.json");
    renameSync(weights, join(folder, "some.safetensors"));
    const map = (name: string, file: string) =>
      writeFileSync(index, JSON.stringify({ weight_map: { "model.norm.weight": "some.safetensors", [name]: file } }));
    map("lm_head.weight", "some.safetensors");
    expect(openModelFolder(folder).tensors.size).toBe(2 + 9 * picoConfig.layers);
    map("lm_head.weight", "gone.safetensors");
    expect(() => openModelFolder(folder)).toThrow(
      `${join(folder, "gone.safetensors")} — expected a file with tensors, as ${basename(index)} says, got nothing.`,
    );
    mkdirSync(join(folder, "gone.safetensors"));
    expect(() => openModelFolder(folder)).toThrow(
      `${join(folder, "gone.safetensors")} — expected a safetensors file, got something that is not a file.`,
    );
    rmSync(index);
    expect(() => openModelFolder(folder)).toThrow(
      `${weights} — expected model.safetensors or model.safetensors.index.json, got nothing.`,
    );
  });
});

describe("an adapter", () => {
  test("beside a model is not applied: a note says so, and written models do not have its configuration", async () => {
    const folder = await picoFolder();
    writeFileSync(join(folder, "adapter_config.json"), "{}");
    const source = openModelFolder(folder);
    expect(source.notes).toEqual([
      "The adapter in this folder (adapter_config.json) is ignored; transformers with PEFT would apply it. " +
        "To use it, merge it into the model with merge_and_unload()",
    ]);
    const written = join(folder, "written");
    await exportModelFolder(folder, { folder: written, shardBytes: 1e9 });
    expect(readdirSync(written).sort()).toEqual(["config.json", "model.safetensors"]);
  });

  test("without a model is an error that names it", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "adapter_config.json"), "{}");
    expect(() => openModelFolder(folder)).toThrow(
      `${join(folder, "config.json")} — expected a Hugging Face model folder with config.json, got an adapter.\n` +
        "  Merge the adapter into its base model first, in PEFT with merge_and_unload().",
    );
  });
});

describe("two tensors have the same values", () => {
  const length = (1 << 14) + (1 << 21) + 3;
  const stored = async (change: (values: Float32Array) => void, dtype: "f32" | "bf16" | "f16", shape = [length]) => {
    const values = Float32Array.from({ length }, (_, i) => i % 256);
    change(values);
    const path = join(temporaryFolder(), "t.safetensors");
    await writeSafetensors(path, [{ name: "t", dtype, shape }], () => [encodeFloats(values, dtype)]);
    return openSafetensors(path).tensors.get("t") as StoredTensor;
  };

  test("in any dtype, and up to the sign of 0", async () => {
    const plain = await stored(() => {}, "bf16");
    for (const dtype of ["f32", "bf16", "f16"] as const) {
      expect(haveSameValues(plain, await stored(() => {}, dtype))).toBe(true);
    }
    expect(haveSameValues(plain, await stored((values) => (values[256] = -0), "bf16"))).toBe(true);
  });

  test.each([0, (1 << 14) - 1, 1 << 14, length - 4, length - 1])("not if value %i differs", async (i) => {
    const plain = await stored(() => {}, "bf16");
    expect(haveSameValues(plain, await stored((values) => (values[i] += 1), "bf16"))).toBe(false);
    expect(haveSameValues(await stored((values) => (values[i] += 1e-3), "f32"), plain)).toBe(false);
  });

  test("not if shapes differ", async () => {
    expect(haveSameValues(await stored(() => {}, "bf16"), await stored(() => {}, "bf16", [1, length]))).toBe(false);
  });

  test("of the embedding and the head of a tied model: the head is left out where the model is written", async () => {
    const source = await picoModel(picoConfig);
    const folder = temporaryFolder();
    const embedding = source.tensors.get("model.embed_tokens.weight")!;
    const both = [...source.tensors, ["lm_head.weight", embedding] as const];
    const chunks = new Map(both);
    await writeModelFolder(
      folder,
      source,
      both.map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
      ({ name }) => storedChunks(chunks.get(name)!),
    );
    const opened = openModelFolder(folder);
    expect(opened.config.tieWordEmbeddings).toBe(true);
    expect([opened.notes, opened.configChanges, opened.tensors.has("lm_head.weight")]).toEqual([[], {}, false]);
  });
});
