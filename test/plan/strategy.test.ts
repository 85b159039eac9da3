import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { windowOf } from "../../src/plan/strategy.js";
import { presetStrategy, presetNames } from "../../src/plan/presets/presets.js";

const paper = JSON.parse(readFileSync(new URL("../golden/paper-tables.json", import.meta.url), "utf8")) as {
  windows: Record<string, string[]>;
};
const nine = Object.keys(paper.windows);
const written = (name: string, layers: number) =>
  presetStrategy(name, layers).windows.map(({ first, end }) => `${first}-${end}`);

describe("the presets", () => {
  test("are vanilla and the paper's nine", () => expect(presetNames).toEqual(["vanilla", ...nine]));
  test.each(nine)("%s has the paper's windows at 16 layers", (name) => {
    expect(written(name, 16)).toEqual(paper.windows[name]);
  });
  test("vanilla trains everything in one part", () => {
    expect(presetStrategy("vanilla", 5).windows).toEqual([{ first: 0, end: 5, embeddings: true }]);
  });
  test("embedding, norm and head train exactly where every layer does", () => {
    for (const name of presetNames) {
      for (const { first, end, embeddings } of presetStrategy(name, 16).windows)
        expect(embeddings).toBe(first === 0 && end === 16);
    }
  });
  test("cover every layer, stay inside the model and are never empty, at 4 to 48 layers", () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 48 }), fc.constantFrom(...nine), (layers, name) => {
        const { windows } = presetStrategy(name, layers);
        expect(windows.length).toBe(4);
        for (const { first, end } of windows) expect(0 <= first && first < end && end <= layers).toBe(true);
        for (let layer = 0; layer < layers; layer++)
          expect(windows.some(({ first, end }) => first <= layer && layer < end)).toBe(true);
      }),
      { seed: 3, numRuns: 600 },
    );
  });
  test("slerp-1 cuts any depth into slices that do not overlap, from 4 layers on", () => {
    for (let layers = 4; layers <= 48; layers++) {
      const { windows } = presetStrategy("slerp-1", layers);
      for (let i = 1; i < 4; i++) expect(windows[i].first).toBe(windows[i - 1].end);
      expect([windows[0].first, windows[3].end]).toEqual([0, layers]);
    }
  });
  test("have windows of at least one layer in models of 1 to 3 layers too", () => {
    for (const layers of [1, 2, 3]) {
      for (const name of nine) {
        for (const { first, end } of presetStrategy(name, layers).windows)
          expect(first < end && end <= layers).toBe(true);
      }
    }
  });
  test("an unknown name is an error that lists the known ones", () => {
    expect(() => presetStrategy("slerp-10", 16)).toThrow(
      "strategy — expected one of vanilla, slerp-1, slerp-2, slerp-3, slerp-4, slerp-5, slerp-6, " +
        'slerp-7, slerp-8, slerp-9, got "slerp-10".',
    );
    expect(() => presetStrategy("constructor", 16)).toThrow("expected one of vanilla");
  });
});

test("rotation gives each worker each window once in P rounds", () => {
  const strategy = { ...presetStrategy("slerp-1", 16), rotate: true };
  for (const worker of [0, 1, 2, 3]) {
    const firsts = [0, 1, 2, 3].map((round) => windowOf(strategy, round, worker).first);
    expect(firsts).toEqual([0, 1, 2, 3].map((round) => 4 * ((worker + round) % 4)));
    expect(windowOf({ ...strategy, rotate: false }, 3, worker).first).toBe(4 * worker);
  }
});
