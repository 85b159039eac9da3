import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isTrained, trainedLayers } from "../../src/model/config/window.js";
import { continues } from "../../src/plan/strategy.js";
import { presetNames } from "../../src/plan/presets/presets.js";
import { builtPreset } from "./built.js";

const paper = JSON.parse(readFileSync(new URL("../golden/paper-tables.json", import.meta.url), "utf8")) as {
  windows: Record<string, string[]>;
};
const nine = Object.keys(paper.windows);
const windowsOf = (name: string, layers: number) => builtPreset(name, layers).rounds[0].windows;
const written = (name: string, layers: number) => windowsOf(name, layers).map(({ first, end }) => `${first}-${end}`);

describe("the presets", () => {
  test("are the baselines, the paper's nine, these merged again, and strategies of several rounds", () => {
    const unions = nine.map((name) => name.replace("slerp", "union"));
    expect(presetNames.slice(0, 20)).toEqual(["vanilla", "alone", ...nine, ...unions]);
    expect(presetNames.slice(20)).toEqual(
      expect.arrayContaining(["diloco", "rotating-windows", "random-half", "sandwich"]),
    );
  });
  test.each(nine)("%s has the paper's windows at 16 layers", (name) => {
    expect(written(name, 16)).toEqual(paper.windows[name]);
  });
  test("vanilla trains everything in one part", () => {
    expect(windowsOf("vanilla", 5)).toEqual([{ first: 0, end: 5, embeddings: true }]);
  });
  test("embedding, norm and head train exactly where every layer does", () => {
    for (const name of presetNames.slice(0, 20)) {
      for (const { first, end, embeddings } of windowsOf(name, 16)) expect(embeddings).toBe(first === 0 && end === 16);
    }
  });
  test("cover every layer, stay inside the model and are never empty, at 4 to 48 layers", () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 48 }), fc.constantFrom(...nine), (layers, name) => {
        const windows = windowsOf(name, layers);
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
      const windows = windowsOf("slerp-1", layers);
      for (let i = 1; i < 4; i++) expect(windows[i].first).toBe(windows[i - 1].end);
      expect([windows[0].first, windows[3].end]).toEqual([0, layers]);
    }
  });
  test("have windows of at least one layer in models of 1 to 3 layers too", () => {
    for (const layers of [1, 2, 3]) {
      for (const name of nine) {
        for (const { first, end } of windowsOf(name, layers)) expect(first < end && end <= layers).toBe(true);
      }
    }
  });
  test("of windows cover every layer in each round, with 1 to 9 workers and 1 to 24 layers", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 2, max: 9 }),
        fc.constantFrom("rotating-windows", "random-half"),
        (layers, workers, name) => {
          for (const { windows } of builtPreset(name, layers, {}, workers).rounds) {
            expect(windows.length).toBe(workers);
            const owners = Array.from({ length: layers }, (_, layer) =>
              windows.reduce((sum, window) => sum + (isTrained({ layer }, window) ? 1 : 0), 0),
            );
            expect(Math.min(...owners)).toBeGreaterThanOrEqual(1);
            if (name === "random-half" && workers % 2 === 0 && layers % 2 === 0)
              expect(new Set(owners)).toEqual(new Set([workers / 2]));
          }
        },
      ),
      { seed: 3, numRuns: 300 },
    );
  });
  test("random-half draws other layers in each round, half of them for each worker", () => {
    const { rounds } = builtPreset("random-half", 16);
    expect(new Set(rounds.map(({ windows }) => JSON.stringify(windows))).size).toBe(rounds.length);
    for (const { windows } of rounds) for (const window of windows) expect(trainedLayers(window).length).toBe(8);
  });
  test("sandwich begins and ends with a single worker on all data", () => {
    const { rounds } = builtPreset("sandwich");
    expect(rounds.map(({ windows }) => windows.length)).toEqual([1, ...Array<number>(16).fill(4), 1]);
    expect([rounds[0].to, rounds[17].from].map((share) => Math.round(1000 * share) / 1000)).toEqual([0.02, 0.98]);
    expect(rounds[17].to).toBe(1);
  });
});

test("rotation gives each worker each window once in P rounds", () => {
  const { rounds } = builtPreset("slerp-1", 16, { rounds: 4, rotate: true });
  for (const worker of [0, 1, 2, 3])
    expect(rounds.map(({ windows }) => windows[worker].first)).toEqual([0, 1, 2, 3].map((r) => 4 * ((worker + r) % 4)));
});

test("rounds follow each other without gaps, by the weights of their shares", () => {
  const rounds = [
    { repeat: 1, share: 2 },
    { repeat: 3, share: 1 },
  ];
  const bounds = builtPreset("slerp-4", 16, { rounds }).rounds.map(({ from, to }) => [from, to]);
  expect(bounds).toEqual([
    [0, 0.4],
    [0.4, 0.6],
    [0.6, 0.8],
    [0.8, 1],
  ]);
});

test("a worker continues with its optimizer state only where it trains the same window as before", () => {
  const same = builtPreset("slerp-1", 16, { rounds: 2 });
  expect([0, 1].map((round) => continues(same, round, 0))).toEqual([false, true]);
  expect(continues({ ...same, keepOptimizerState: false }, 1, 0)).toBe(false);
  expect(continues(builtPreset("slerp-1", 16, { rounds: 2, rotate: true }), 1, 0)).toBe(false);
  const sandwich = builtPreset("sandwich");
  expect([1, 2, 17].map((round) => continues(sandwich, round, 0))).toEqual([false, true, false]);
});
