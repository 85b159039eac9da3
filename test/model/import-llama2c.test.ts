import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Device } from "../../src/device/kernels.js";
import { deviceReport, openDevice } from "../../src/device/open-device.js";
import { generate } from "../../src/model/inference/generate.js";
import { importLlama2c } from "../../src/convert/llama2c/import-model.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { loadModel } from "../../src/model/model.js";
import { readTensor } from "../../src/tensor/safetensors.js";
import { importLlama2cVocabulary } from "../../src/convert/llama2c/import-vocabulary.js";
import { openTokenizer } from "../../src/tokenizer/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";

const stories = join(import.meta.dirname, "../../../shared/data/models/stories260K");
const isThere = existsSync(join(stories, "stories260K.bin"));

/** A file of llama2.c with one layer whose floats count up, so that each value tells where it came from. */
function countingFile(sizes: readonly number[], floats: number): string {
  const path = join(temporaryFolder(), "model.bin");
  const values = Float32Array.from({ length: floats }, (_, i) => i);
  writeFileSync(path, Buffer.concat([Buffer.from(Int32Array.from(sizes).buffer), Buffer.from(values.buffer)]));
  return path;
}

it("rows of query and key move from interleaved pairs to halves, and all else stays", async () => {
  // D 4, F 3, L 1, H 1, K 1, V 5 with its own head, T 2.
  const [D, F, V, T] = [4, 3, 5, 2];
  const folder = temporaryFolder();
  const floats = 2 * V * D + 4 * D * D + 3 * F * D + 3 * D + T * D;
  const config = await importLlama2c(countingFile([D, F, 1, 1, 1, -V, T], floats), folder);
  expect(config.tieWordEmbeddings).toBe(false);
  const { tensors } = openModelFolder(folder);
  const firstOfRows = (name: string) => [...readTensor(tensors.get(name)!)].filter((_, i) => i % D === 0);
  const query = V * D + D;
  expect(firstOfRows("model.layers.0.self_attn.q_proj.weight")).toEqual([0, 2, 1, 3].map((row) => query + row * D));
  expect(firstOfRows("model.layers.0.self_attn.k_proj.weight")).toEqual(
    [0, 2, 1, 3].map((row) => query + D * D + row * D),
  );
  expect(firstOfRows("model.layers.0.self_attn.v_proj.weight")).toEqual(
    [0, 1, 2, 3].map((row) => query + 2 * D * D + row * D),
  );
  expect(firstOfRows("lm_head.weight")[0]).toBe(floats - V * D);
});

it("a truncated file is refused", async () => {
  const path = countingFile([4, 3, 1, 1, 1, 5, 2], 10);
  await expect(importLlama2c(path, temporaryFolder())).rejects.toThrow(
    `${path} — expected 556 bytes, got 68.\n  Check that this is a llama2.c model and that it was copied completely.`,
  );
});

async function bestDevice(): Promise<Device> {
  const cpu = (await deviceReport()).some(({ name, available }) => name === "cpu" && available);
  return openDevice(cpu ? "cpu" : "reference", 1, "f32");
}

it.skipIf(!isThere)(
  "stories260K prints what llama2.c prints (needs stories260K.bin next to the repository)",
  async () => {
    const folder = temporaryFolder();
    const config = await importLlama2c(join(stories, "stories260K.bin"), folder);
    expect(config).toMatchObject({
      hiddenSize: 64,
      layers: 5,
      attentionHeads: 8,
      keyValueHeads: 4,
      vocabSize: 512,
      tieWordEmbeddings: true,
    });
    const model = loadModel(await bestDevice(), openModelFolder(folder), null);
    const options = { maxTokens: 200, temperature: 0, seed: 0, stop: () => false };
    const [ids] = await generate(model, [[1]], options);
    importLlama2cVocabulary(join(stories, "tok512.bin"), folder);
    expect(openTokenizer(folder).decode(ids)).toBe(readFileSync(join(stories, "greedy-200.txt"), "utf8"));
  },
);
