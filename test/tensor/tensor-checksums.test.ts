import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { encodeFloats } from "../../src/tensor/dtype.js";
import { openSafetensors, readTensorBytes, storedChunks, verifyTensor } from "../../src/tensor/safetensors.js";
import { createSafetensors, writeSafetensors } from "../../src/tensor/write-safetensors.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
const path = join(folder, "model.safetensors");
const entries = [
  { name: "a", dtype: "f32" as const, shape: [2, 3] },
  { name: "none", dtype: "f32" as const, shape: [0] },
  { name: "b", dtype: "bf16" as const, shape: [5] },
];
const bytesOf = ({ dtype, shape }: (typeof entries)[number]) =>
  encodeFloats(
    Float32Array.from({ length: shape.reduce((x, y) => x * y, 1) }, (_, i) => i - 1.5),
    dtype,
  );
const hint =
  "  The file was damaged after it was written, or another program changed it and kept its old checksums: copy it " +
  "again from its source, or remove it and run again.";
const hex = (crc: number) => crc.toString(16).padStart(8, "0");
let whole: Buffer;

beforeAll(async () => {
  await writeSafetensors(path, entries, (entry) => [bytesOf(entry as (typeof entries)[number])], { step: "12" });
  whole = readFileSync(path);
});

test("metadata has the CRC-32 of the header, its own digits as zeros, and of each tensor", () => {
  const { metadata, tensors } = openSafetensors(path);
  const [own, ...others] = metadata["strata.crc32"].split(" ");
  expect(others).toEqual(entries.map((entry) => hex(crc32(bytesOf(entry)))));
  expect([...tensors.values()].map(({ checksum }) => hex(checksum as number))).toEqual(others);
  const header = whole.subarray(0, 8 + Number(whole.readBigUInt64LE())).toString("latin1");
  expect(hex(crc32(Buffer.from(header.replace(own, "00000000"), "latin1")))).toBe(own);
});

test("each flipped bit is an error that names the file, except in the key of the checksums", () => {
  const damaged = join(folder, "damaged.safetensors");
  const key = whole.indexOf("strata.crc32");
  const read = () => openSafetensors(damaged).tensors.forEach((tensor) => readTensorBytes(tensor));
  for (let bit = 0; bit < 8 * whole.length; bit++) {
    const byte = bit >> 3;
    if (byte >= key && byte < key + "strata.crc32".length) continue;
    const bytes = Buffer.from(whole);
    bytes[byte] ^= 1 << (bit & 7);
    writeFileSync(damaged, bytes);
    expect(read, `bit ${bit}`).toThrow(damaged);
  }
});

test("a damaged tensor is named by every reader; the others are read", () => {
  const damaged = join(folder, "tensor.safetensors");
  const bytes = Buffer.from(whole);
  bytes[bytes.length - 1] ^= 128;
  writeFileSync(damaged, bytes);
  const { tensors } = openSafetensors(damaged);
  const [a, b] = ["a", "b"].map((name) => tensors.get(name)!);
  const [right, wrong] = [whole, bytes].map((file) => hex(crc32(file.subarray(-10))));
  const message = `${damaged} b — expected checksum ${right}, as written, got ${wrong}.\n${hint}`;
  expect(() => readTensorBytes(b)).toThrow(message);
  expect(() => readTensorBytes(b, 0, 2)).toThrow(message);
  expect(() => verifyTensor(b)).toThrow(message);
  expect(() => [...storedChunks(b)]).toThrow(message);
  expect(Buffer.from(readTensorBytes(a))).toEqual(Buffer.from(bytesOf(entries[0])));
  // What was found about a file does not count for one that was written later.
  writeFileSync(damaged, whole);
  verifyTensor(b);
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(damaged, bytes);
  expect(() => readTensorBytes(b, 0, 2)).toThrow(`${damaged} b — expected checksum ${right}, as written`);
});

test("a damaged header says so; a file without checksums is read", () => {
  const damaged = join(folder, "header.safetensors");
  writeFileSync(damaged, whole.toString("latin1").replace('"step":"12"', '"step":"13"'), "latin1");
  const own = openSafetensors(path).metadata["strata.crc32"].slice(0, 8);
  expect(() => openSafetensors(damaged)).toThrow(
    new RegExp(`^${damaged} __metadata__ — expected checksum ${own} of the header, as written, got [0-9a-f]{8}\\.\n`),
  );
  writeFileSync(damaged, whole.toString("latin1").replace("strata.crc32", "other.crc32_"), "latin1");
  const { tensors } = openSafetensors(damaged);
  expect([...tensors.values()].map(({ checksum }) => checksum)).toEqual([null, null, null]);
});

test("chunks may cross the borders of tensors; a file with too few or too many bytes is not written", () => {
  const streamed = join(folder, "streamed.safetensors");
  const data = Buffer.concat(entries.map(bytesOf));
  const write = (bytes: Uint8Array) => {
    const file = createSafetensors(streamed, entries, { step: "12" });
    for (let at = 0; at < bytes.length; at += 7) file.write(bytes.subarray(at, at + 7));
    file.commit();
  };
  expect(() => write(data.subarray(1))).toThrow(`${streamed} — expected 34 bytes of tensors to write, got 33.`);
  expect(() => write(Buffer.concat([data, data.subarray(0, 2)]))).toThrow(
    `${streamed} — expected 34 bytes of tensors to write, got 36.`,
  );
  write(data);
  expect(readFileSync(streamed).equals(whole)).toBe(true);
});
