import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { convertedChunks } from "../../src/tensor/converted-chunks.js";
import { decodeFloats, encodeFloats } from "../../src/tensor/dtype.js";
import { StrataError } from "../../src/errors/strata-error.js";
import { openSafetensors, readTensor, type TensorEntry } from "../../src/tensor/safetensors.js";
import { writeSafetensors } from "../../src/tensor/write-safetensors.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
const path = join(folder, "model.safetensors");
const entries: TensorEntry[] = [
  { name: "a", dtype: "f32", shape: [2, 3] },
  { name: "b", dtype: "bf16", shape: [5] },
];
const values: Record<string, number[]> = { a: [1, -2, 3.5, 0, 1e-20, -1e20], b: [0, 1, -0.5, 256, -3] };
const hint = "  The file is truncated or damaged: remove it and run again, or copy it again from its source.";

beforeAll(() =>
  writeSafetensors(path, entries, ({ name, dtype }) => [encodeFloats(Float32Array.from(values[name]), dtype)]),
);

describe("a safetensors file", () => {
  test("is read as it was written", () => {
    const { tensors } = openSafetensors(path);
    expect([...tensors.keys()]).toEqual(["a", "b"]);
    for (const [name, tensor] of tensors) expect([...readTensor(tensor)]).toEqual([...Float32Array.from(values[name])]);
  });
  test("truncated at any length is an error that names it", () => {
    const bytes = readFileSync(path);
    const cut = join(folder, "cut.safetensors");
    const messages = Array.from(bytes, (_, length) => {
      writeFileSync(cut, bytes.subarray(0, length));
      try {
        openSafetensors(cut);
      } catch (error) {
        expect(error).toBeInstanceOf(StrataError);
        return String(error);
      }
      return `a file of ${length} bytes was opened`;
    });
    const header = Number(bytes.readBigUInt64LE());
    expect(messages[3]).toBe(`CheckpointError: ${cut} — expected at least 8 bytes, got 3.\n${hint}`);
    expect(messages[50]).toBe(
      `CheckpointError: ${cut} — expected a header of ${header} bytes, got a file of 50.\n${hint}`,
    );
    expect(messages.at(-1)).toBe(
      `CheckpointError: ${cut} b — expected data up to byte ${bytes.length}, got a file of ` +
        `${bytes.length - 1}.\n${hint}`,
    );
    for (const message of messages)
      expect(message.startsWith(`CheckpointError: ${cut}`) && message.endsWith(hint), message).toBe(true);
  });
  test("with a header that is not JSON, or with offsets that do not match the shapes, is an error", () => {
    const wrong = join(folder, "wrong.safetensors");
    const bytes = readFileSync(path);
    writeFileSync(wrong, Buffer.from(bytes).fill("!", 8, 20));
    expect(() => openSafetensors(wrong)).toThrow(`${wrong} — expected a JSON header, got invalid JSON.\n${hint}`);
    writeFileSync(wrong, bytes.toString("latin1").replace("[2,3]", "[2,2]"), "latin1");
    expect(() => openSafetensors(wrong)).toThrow(`${wrong} a — expected 16 bytes, got 24.\n${hint}`);
  });
  test("is created only when it is complete", async () => {
    const half = join(folder, "half.safetensors");
    await expect(
      writeSafetensors(half, entries, ({ name, dtype }) => [
        encodeFloats(Float32Array.from(values[name].slice(1)), dtype),
      ]),
    ).rejects.toThrow(`${half} a — expected 24 bytes to write, got 20.\n${hint}`);
    expect(readdirSync(folder).filter((name) => name.startsWith("half"))).toEqual([]);
  });
});

describe("a tensor converted to another dtype", () => {
  const written = async (numbers: number[]) => {
    const file = join(folder, "convert.safetensors");
    await writeSafetensors(file, [{ name: "c", dtype: "f32", shape: [numbers.length] }], () => [
      encodeFloats(Float32Array.from(numbers), "f32"),
    ]);
    return { file, tensor: openSafetensors(file).tensors.get("c")! };
  };
  test("is rounded to nearest even; the same dtype changes nothing", async () => {
    const { tensor } = await written([1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, -2]);
    const as = (dtype: "bf16" | "f32") => [...decodeFloats(Buffer.concat([...convertedChunks(tensor, dtype)]), dtype)];
    expect(as("bf16")).toEqual([1, 1, 1 + 2 ** -6, -2]);
    expect(as("f32")).toEqual([...readTensor(tensor)]);
  });
  test("beyond the range of f16 is an error, not infinity", async () => {
    const { tensor } = await written([65519, -65519]);
    expect([...decodeFloats(Buffer.concat([...convertedChunks(tensor, "f16")]), "f16")]).toEqual([65504, -65504]);
    const { file, tensor: large } = await written([0, -65520]);
    expect(() => [...convertedChunks(large, "f16")]).toThrow(
      `${file} c — expected values in the range of f16, at most ±65504, got -65520.\n` +
        "  Convert the start model to bf16 and train again.",
    );
  });
});
