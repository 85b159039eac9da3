import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { StrataError } from "../../src/errors/strata-error.js";
import { openSafetensors } from "../../src/tensor/safetensors.js";
import { temporaryFolder } from "../temporary-folder.js";

interface Case {
  /** One character per byte. */
  readonly header: string;
  /** Bytes after the header. */
  readonly data: number;
  /** Null if the safetensors library refuses the file. */
  readonly tensors: readonly string[] | null;
}

/** Made by test/golden/make-safetensors-headers.py. */
const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, "../golden/safetensors-headers.json"), "utf8")) as {
  readonly cases: readonly Case[];
};
const path = join(temporaryFolder(), "model.safetensors");

function write(header: string, data: number, length = BigInt(header.length)): void {
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length);
  writeFileSync(path, Buffer.concat([prefix, Buffer.from(header, "latin1"), Buffer.alloc(data)]));
}

function open(): readonly string[] | string {
  try {
    const { tensors, unreadable } = openSafetensors(path);
    return [...tensors.keys(), ...unreadable.keys()].sort();
  } catch (error) {
    expect(error).toBeInstanceOf(StrataError);
    return String(error);
  }
}

test("whole and mutated headers are read or refused as by the safetensors library", () => {
  expect(cases.filter(({ tensors }) => tensors !== null).length).toBeGreaterThan(30);
  expect(cases.filter(({ tensors }) => tensors === null).length).toBeGreaterThan(80);
  for (const { header, data, tensors } of cases) {
    write(header, data);
    const got = open();
    if (tensors !== null) expect(got, header).toEqual(tensors);
    else expect(got, header).toMatch(/^CheckpointError: .*model\.safetensors.* — expected .+, got .+\.\n {2}\S/);
  }
});

const hint = "  The file is truncated or damaged: remove it and run again, or copy it again from its source.";
const tensor = { dtype: "F32", shape: [2], data_offsets: [0, 8] };

test.each([
  ["null", " — expected a header that is a JSON object, got null"],
  ["[1]", " — expected a header that is a JSON object, got [1]"],
  ["\xff{}", " — expected a header in UTF-8, got other bytes"],
  ["\xef\xbb\xbf{}", " — expected a JSON header, got invalid JSON"],
  ['{"t":null}', " t — expected an object with dtype, shape and data_offsets in the header, got null"],
  [{ t: { ...tensor, shape: undefined } }, " t — expected a shape of whole numbers in the header, got nothing"],
  [{ t: { ...tensor, shape: [-2] } }, " t — expected a shape of whole numbers in the header, got [-2]"],
  [{ t: { ...tensor, dtype: undefined } }, " t — expected a dtype in the header, got nothing"],
  [
    { t: { ...tensor, data_offsets: [0] } },
    " t — expected data_offsets with a begin and an end in the header, got [0]",
  ],
  [
    { t: { ...tensor, data_offsets: [4, 12] } },
    " t — expected data_offsets from 0 on, without holes or overlaps, got [4,12]",
  ],
  [{ t: { ...tensor, dtype: "F4", shape: [3] } }, " t — expected a shape with a whole number of bytes, got F4 [3]"],
  [{ t: tensor, __metadata__: { step: 1 } }, ' __metadata__ — expected an object of strings, got {"step":1}'],
])("the message names what is wrong: %j", (header, message) => {
  write(typeof header === "string" ? header : JSON.stringify(header), 8);
  expect(open()).toBe(`CheckpointError: ${path}${message}.\n${hint}`);
});

test("bytes after the last tensor, a header that is too long, and a dtype that the format lacks are errors", () => {
  write(JSON.stringify({ t: tensor }), 9);
  const size = readFileSync(path).length;
  expect(open()).toBe(
    `CheckpointError: ${path} — expected ${size - 1} bytes, as many as its tensors have, ` +
      `got a file of ${size}.\n${hint}`,
  );
  write("{}", 0, 100_000_001n);
  expect(open()).toBe(
    `CheckpointError: ${path} — expected a header of at most 100000000 bytes, got 100000001.\n${hint}`,
  );
  write(JSON.stringify({ t: { ...tensor, dtype: "I4" } }), 8);
  expect(open()).toBe(
    `CheckpointError: ${path} t — expected dtype F32, BF16, F16, F64 or I32, got I4.\n` +
      "  Convert the checkpoint to bf16, f16 or f32 first.",
  );
});
