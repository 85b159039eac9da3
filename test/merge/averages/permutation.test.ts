import { expect, test } from "vitest";
import { firstOfPermutation } from "../../../src/merge/methods/averages/permutation.js";

/** Multiplies by an odd number: enough to tell places apart. */
function generator() {
  let state = 1;
  const next = (count: number) =>
    Uint32Array.from({ length: count }, () => (state = Math.imul(state, 2654435761) >>> 0));
  return { next, skip: (count: number) => void next(count), copy: generator };
}

test("the first numbers of a permutation are those of a whole Fisher–Yates shuffle", () => {
  const length = 70_000;
  const draws = generator().next(length);
  const whole = Uint32Array.from({ length }, (_, i) => i);
  for (let i = 0; i < length - 1; i++) {
    const other = i + (draws[i] % (length - i));
    [whole[i], whole[other]] = [whole[other], whole[i]];
  }
  expect(firstOfPermutation(generator(), length, 66_000)).toEqual(whole.slice(0, 66_000));
  expect(firstOfPermutation(generator(), length, length - 1)).toEqual(whole.slice(0, length - 1));
});
