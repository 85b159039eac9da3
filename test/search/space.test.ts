import fc from "fast-check";
import { expect, test } from "vitest";
import { drawsOf, gridOf, overridesOf, sizeOf, type Space } from "../../src/search/space.js";

const first = <T>(values: Iterable<T>, count: number): T[] => {
  const taken: T[] = [];
  for (const value of values) {
    if (taken.length === count) break;
    taken.push(value);
  }
  return taken;
};

const range = (min: number, max: number, more: object = {}) => ({
  min,
  max,
  scale: "linear" as const,
  whole: false,
  ...more,
});

test("a grid has every combination once, the last path varies fastest", () => {
  expect([...gridOf({ a: [1, 2], "b.c": ["x", "y", null] })]).toEqual([
    { a: 1, "b.c": "x" },
    { a: 1, "b.c": "y" },
    { a: 1, "b.c": null },
    { a: 2, "b.c": "x" },
    { a: 2, "b.c": "y" },
    { a: 2, "b.c": null },
  ]);
});

test("draws are the same for the same seed, and a longer sequence begins with the shorter one", () => {
  const space: Space = { rate: range(1e-4, 1e-1, { scale: "log" }), batch: [2, 4, 8] };
  const draws = (seed: number, count: number) => first(drawsOf(space, seed, "strategies"), count);
  expect(draws(1, 20).slice(0, 5)).toEqual(draws(1, 5));
  expect(draws(2, 5)).not.toEqual(draws(1, 5));
  expect(first(drawsOf(space, 1, "vanilla"), 5)).not.toEqual(draws(1, 5));
});

test("draws of lists end with all combinations, none of them twice", () => {
  const space: Space = { a: [1, 2, 3], b: ["x", "y"] };
  const drawn = [...drawsOf(space, 7, "strategies")];
  expect(drawn.length).toBe(sizeOf(space));
  const keys = (values: readonly object[]) => values.map((one) => JSON.stringify(one)).sort();
  expect(keys(drawn)).toEqual(keys([...gridOf(space)]));
});

test("a range with few whole numbers ends too", () => {
  const drawn = [...drawsOf({ rounds: range(2, 4, { whole: true }) }, 1, "strategies")];
  expect(drawn.map(({ rounds }) => rounds).sort()).toEqual([2, 3, 4]);
});

test("drawn numbers are inside their range, on the scale that it names", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1e-6, max: 1, noNaN: true }),
      fc.double({ min: 1.5, max: 1e4, noNaN: true }),
      fc.constantFrom("linear" as const, "log" as const),
      fc.nat(1000),
      (min, factor, scale, seed) => {
        const max = min * factor;
        for (const { x } of first(drawsOf({ x: range(min, max, { scale }) }, seed, "strategies"), 5)) {
          expect(x).toBeGreaterThanOrEqual(min);
          expect(x).toBeLessThanOrEqual(max);
        }
      },
    ),
  );
  const drawn = first(drawsOf({ x: range(1e-4, 1, { scale: "log" }) }, 3, "strategies"), 400);
  const below = drawn.filter(({ x }) => (x as number) < 1e-2).length / 400;
  expect(below).toBeGreaterThan(0.42);
  expect(below).toBeLessThan(0.58);
});

test("values become arguments of --set", () => {
  expect(overridesOf({ "a.b": 1e-3, c: "x y", d: { e: [1, null] } })).toEqual([
    "a.b=0.001",
    'c="x y"',
    'd={"e":[1,null]}',
  ]);
});
