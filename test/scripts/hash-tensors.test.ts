import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { hashTensors } from "../../scripts/compare/hash-tensors.mjs";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
function hashOf(metadata: Record<string, string>, data: number): string {
  const tensor = { dtype: "F32", shape: [1], data_offsets: [0, 4] };
  const header = Buffer.from(JSON.stringify({ __metadata__: metadata, weight: tensor }));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  const path = join(folder, "model.safetensors");
  writeFileSync(path, Buffer.concat([size, header, Buffer.from(Float32Array.of(data).buffer)]));
  return hashTensors(path);
}

it("the id of the job does not count; other metadata and every value do", () => {
  const hash = hashOf({ identity: "train-1", progress: "3" }, 1);
  expect(hashOf({ identity: "train-27", progress: "3" }, 1)).toBe(hash);
  expect(hashOf({ identity: "train-1", progress: "4" }, 1)).not.toBe(hash);
  expect(hashOf({ identity: "train-1", progress: "3" }, 2)).not.toBe(hash);
});
