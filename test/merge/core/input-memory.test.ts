import { expect, test } from "vitest";
import { createInputMemory } from "../../../src/merge/inputs/input-memory.js";
import type { InputTensor } from "../../../src/merge/inputs/input-tensor.js";

/** A tensor of bytes 0, 1, 2, … that counts what is read of it. */
function counted(storedBytes: number): { tensor: InputTensor; read: () => number } {
  let read = 0;
  const tensor: InputTensor = {
    name: "t",
    where: "t",
    shape: [storedBytes / 2],
    dtype: "bf16",
    tag: "BF16",
    storedBytes,
    expect() {},
    read: () => new Float32Array(0),
    readBytes(from, length, out = new Uint8Array(length)) {
      read += length;
      for (let i = 0; i < length; i++) out[i] = (from + i) % 251;
      return out;
    },
  };
  return { tensor, read: () => read };
}

const bytes = (from: number, length: number) => Uint8Array.from({ length }, (_, i) => (from + i) % 251);

test.each([
  ["kept", 1e6, 1000],
  ["not kept", 100, 3400],
])("inputs that are %s give the bytes of the file, whatever is read in whatever order", (_, limit, expected) => {
  const [a, b] = [counted(1000), counted(500)];
  const memory = createInputMemory(limit);
  memory.begin([a.tensor, b.tensor]);
  const [readA, readB] = [memory.reader(a.tensor), memory.reader(b.tensor)];
  for (const [from, length] of [
    [0, 400],
    [200, 400],
    [600, 400],
    [0, 1000],
    [900, 100],
    [0, 1000],
    [300, 100],
  ]) {
    expect(readA(from, length)).toEqual(bytes(from, length));
    expect(readB(from % 400, 100)).toEqual(bytes(from % 400, 100));
  }
  expect(a.read()).toBe(expected);
});

test("the next tensor uses the memory again", () => {
  const [first, second] = [counted(640), counted(128)];
  const memory = createInputMemory();
  memory.begin([first.tensor]);
  const { buffer } = memory.reader(first.tensor)(0, 640);
  memory.begin([second.tensor]);
  expect(memory.reader(second.tensor)(0, 128).buffer).toBe(buffer);
});
