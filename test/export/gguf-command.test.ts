import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formatWriter, thisWriter } from "../../src/files/writer.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { readTensorBytes } from "../../src/tensor/safetensors.js";
import { strata } from "../run/strata.js";
import { temporaryFolder } from "../temporary-folder.js";

const model = join(import.meta.dirname, "../golden/gguf/untied");

test(
  "export gguf writes a file, summarizes it, removes partial files of a killed export, and replaces the file " +
    "only with --force",
  async () => {
    const folder = temporaryFolder();
    const path = join(folder, "model.gguf");
    writeFileSync(`${path}.${formatWriter({ ...thisWriter(), pid: 2 ** 30 })}.partial`, "x");
    const written = await strata(["export", "gguf", model, path, "--type", "q8_0"]);
    expect({ ...written, out: written.out.replace(/\d+\.\d s/, "0.0 s") }).toEqual({
      code: 0,
      out:
        `${path}: 40864 values in 21 tensors, q8_0, ${readFileSync(path).length} bytes, 0.0 s\n` +
        "Written in f16, because their rows are not whole blocks of q8_0: " +
        "blk.0.attn_output.weight, blk.1.attn_output.weight\n",
      err: "",
    });
    expect(readdirSync(folder)).toEqual(["model.gguf"]);
    expect(await strata(["export", "gguf", model, path])).toEqual({
      code: 1,
      out: "",
      err:
        `FileError: ${path} — expected a file that does not exist yet, got an existing file.\n` +
        "  Choose another name, or replace the file with --force.\n",
    });
    const forced = await strata(["export", "gguf", model, path, "--force", "--json"]);
    expect(JSON.parse(forced.out)).toMatchObject({
      path,
      type: "bf16",
      tensors: 21,
      bytes: readFileSync(path).length,
      keptF16: [],
    });
  },
);

test("export hf also accepts a model folder, and keeps its tensors and other files", async () => {
  const out = join(temporaryFolder(), "copy");
  expect(await strata(["export", "hf", model, out, "--json"])).toEqual({
    code: 0,
    out: `${JSON.stringify({ source: model, folder: out })}\n`,
    err: "",
  });
  expect(readdirSync(out).sort()).toEqual(readdirSync(model).sort());
  const [before, after] = [model, out].map(openModelFolder);
  expect(after.config).toEqual(before.config);
  expect([...after.tensors.keys()]).toEqual([...before.tensors.keys()]);
  for (const [name, tensor] of before.tensors)
    expect(Buffer.compare(readTensorBytes(after.tensors.get(name)!), readTensorBytes(tensor)), name).toBe(0);
});
