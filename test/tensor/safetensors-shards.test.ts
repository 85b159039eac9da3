import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSafetensors, readTensorBytes, type TensorEntry } from "../../src/tensor/safetensors.js";
import { safetensorsFiles, writeShardedSafetensors } from "../../src/tensor/safetensors-shards.js";
import { temporaryFolder } from "../temporary-folder.js";

const entries: readonly TensorEntry[] = [8, 4, 30, 6, 5].map((length, i) => ({
  name: `t${i}`,
  dtype: "bf16",
  shape: [length],
}));
const bytesOf = ({ name, shape }: TensorEntry) => new Uint8Array(2 * shape[0]).fill(Number(name[1]) + 1);

async function written(shardBytes: number): Promise<string> {
  const folder = temporaryFolder();
  await writeShardedSafetensors(folder, entries, (entry) => [bytesOf(entry)], shardBytes);
  return folder;
}

test("weights up to the limit are one file, larger ones several with an index; a tensor is never split", async () => {
  expect(readdirSync(await written(106))).toEqual(["model.safetensors"]);
  const folder = await written(24);
  const names = [1, 2, 3].map((i) => `model-0000${i}-of-00003.safetensors`);
  expect(readdirSync(folder).sort()).toEqual([...names, "model.safetensors.index.json"]);
  expect(JSON.parse(readFileSync(join(folder, "model.safetensors.index.json"), "utf8"))).toEqual({
    metadata: { total_size: 106 },
    weight_map: { t0: names[0], t1: names[0], t2: names[1], t3: names[2], t4: names[2] },
  });
});

test("shards together contain the same tensors as one file", async () => {
  const tensors = safetensorsFiles(await written(24)).flatMap((path) => [...openSafetensors(path).tensors.values()]);
  expect(tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape }))).toEqual(entries);
  for (const [i, tensor] of tensors.entries()) expect(readTensorBytes(tensor)).toEqual(bytesOf(entries[i]));
});

test("a folder without weights, with PyTorch weights or with a damaged index is an error", () => {
  const folder = join(temporaryFolder(), "model");
  mkdirSync(folder);
  const single = join(folder, "model.safetensors");
  const index = join(folder, "model.safetensors.index.json");
  expect(() => safetensorsFiles(folder)).toThrow(
    `${single} — expected model.safetensors or model.safetensors.index.json, got nothing.\n` +
      "  Check the path, and that the model was copied completely.",
  );
  writeFileSync(join(folder, "pytorch_model.bin"), "");
  expect(() => safetensorsFiles(folder)).toThrow(
    `${single} — expected model.safetensors or model.safetensors.index.json, got pytorch_model.bin.\n` +
      "  Load the model in transformers and save it again: it writes safetensors.",
  );
  const damaged = "  The file is damaged: copy it again from its source.";
  for (const [content, got] of [
    ["{}", "nothing"],
    ["null", "nothing"],
    ["[]", "nothing"],
    ['{"weight_map":["b"]}', '["b"]'],
    ['{"weight_map":{}}', "{}"],
  ]) {
    writeFileSync(index, content);
    expect(() => safetensorsFiles(folder)).toThrow(
      `${index} — expected weight_map with the file of each tensor, got ${got}.\n${damaged}`,
    );
  }
  for (const name of ['"../b"', '"sub/b"', '".."', '""', "1", "null"]) {
    writeFileSync(index, `{"weight_map":{"a":"b","c":${name}}}`);
    expect(() => safetensorsFiles(folder)).toThrow(
      `${index} c — expected the name of a file in the same folder, got ${name}.\n${damaged}`,
    );
  }
  writeFileSync(index, '{"weight_map":{"a":"b"}}');
  expect(() => safetensorsFiles(folder)).toThrow(
    `${join(folder, "b")} — expected a file with tensors, as model.safetensors.index.json says, got nothing.\n` +
      "  Check that the model was copied or downloaded completely.",
  );
  writeFileSync(index, "{");
  expect(() => safetensorsFiles(folder)).toThrow(`${index} — expected JSON, got `);
});
