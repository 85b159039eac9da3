import { expect, test } from "vitest";
import { createReadAhead } from "../../../src/merge/inputs/read-ahead.js";
import type { InputTensor } from "../../../src/merge/inputs/input-tensor.js";

const megabyte = 1 << 20;

/** A tensor that remembers what is expected of it. */
function expecting(name: string, storedBytes: number) {
  const ranges: [number, number][] = [];
  const tensor: InputTensor = {
    name,
    where: name,
    shape: [storedBytes / 2],
    dtype: "bf16",
    tag: "BF16",
    storedBytes,
    read: () => new Float32Array(0),
    readBytes: null,
    expect: (from, length) => void ranges.push([from, length]),
  };
  return { tensor, ranges };
}
const bytesOf = (ranges: readonly [number, number][]) => ranges.reduce((sum, [, length]) => sum + length, 0);

test("what follows a read is expected once, up to a limit, models in turn", () => {
  const [a, b] = [expecting("a", 300 * megabyte), expecting("b", 300 * megabyte)];
  const next = expecting("next", 100 * megabyte + 2);
  const ahead = createReadAhead([[a.tensor, b.tensor], [next.tensor]]);
  ahead.reached(a.tensor, 0);
  ahead.reached(b.tensor, 0);
  expect([bytesOf(a.ranges), bytesOf(b.ranges), bytesOf(next.ranges)]).toEqual([64 * megabyte, 64 * megabyte, 0]);
  ahead.reached(a.tensor, 200 * megabyte);
  // Another pass over the start.
  ahead.reached(a.tensor, 0);
  expect([bytesOf(a.ranges), bytesOf(b.ranges)]).toEqual([264 * megabyte, 264 * megabyte]);
  ahead.reached(b.tensor, 299 * megabyte);
  ahead.reached(next.tensor, 0);
  for (const { tensor, ranges } of [a, b, next]) {
    let end = 0;
    for (const [from, length] of ranges) {
      expect(from).toBe(end);
      end += length;
    }
    expect(end).toBe(tensor.storedBytes);
  }
});

test("what was read before a merge was interrupted is not expected again", () => {
  const [first, second] = [expecting("first", 10 * megabyte), expecting("second", 10 * megabyte)];
  createReadAhead([[first.tensor], [second.tensor]]).reached(second.tensor, 0);
  expect([bytesOf(first.ranges), bytesOf(second.ranges)]).toEqual([0, 10 * megabyte]);
});

test("a tensor that is read for several others is expected for each", () => {
  const shared = expecting("shared", 1000);
  const ahead = createReadAhead([[shared.tensor], [shared.tensor]]);
  ahead.reached(shared.tensor, 0);
  ahead.reached(expecting("other", 10).tensor, 0);
  expect(shared.ranges).toEqual([
    [0, 1000],
    [0, 1000],
  ]);
});
