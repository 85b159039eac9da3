import { describe, expect, test } from "vitest";
import { totalParameters, trainableParameters } from "../../src/model/config/parameter-counts.js";
import { memoryOfParts, peakMemory, trainingMemoryBytes } from "../../src/plan/memory.js";
import { llama1b as config } from "./llama-1b.js";
import { plainAdamW } from "../train/adamw.js";

const stored = 2;
const part = (first: number, layers: number, more: { start?: string; strategy?: string; round?: number } = {}) => {
  const window = { first, end: first + layers, embeddings: false };
  const memoryBytes = trainingMemoryBytes(config, window, 1, 512, stored, "bf16", {
    activationCheckpointing: false,
    offload: false,
    ...plainAdamW,
  }).total;
  return { window, memoryBytes, start: "base", strategy: "a", round: 0, ...more };
};
const of = (...parts: ReturnType<typeof part>[]) => memoryOfParts(config, stored, parts);
const frozen = ({ window }: ReturnType<typeof part>) =>
  stored * (totalParameters(config) - trainableParameters(config, window));

describe("parts at a time", () => {
  // The figures of docs/performance.md: memory of four processes, and the mean of one alone.
  test.each([
    [4, 20.9, 6.6],
    [1, 9.15, 4.04],
  ])(
    "with windows of %i layers take what was measured, %f GB for four and %f for one, within 4 %",
    (layers, four, one) => {
      const parts = [0, 4, 8, 12].map((first) => part(first, layers));
      expect(Math.abs(of(...parts) / (four * 1e9) - 1)).toBeLessThan(0.04);
      expect(Math.abs(parts.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0) / 4 / (one * 1e9) - 1)).toBeLessThan(
        0.04,
      );
    },
  );

  test(
    "share what they leave frozen of the same start: equal windows all of it, others the whole model; " +
      "of two starts nothing",
    () => {
      const [low, high] = [part(0, 4), part(12, 4)];
      expect(of(low)).toBe(low.memoryBytes);
      expect(of(low, low)).toBe(2 * low.memoryBytes - frozen(low));
      expect(of(low, high)).toBe(
        low.memoryBytes + high.memoryBytes - frozen(low) - frozen(high) + stored * totalParameters(config),
      );
      expect(of(low, { ...high, start: "other" })).toBe(low.memoryBytes + high.memoryBytes);
    },
  );
});

test("the peak is that of the parts that take most together, and never of two rounds of a strategy", () => {
  const peak = (parallel: number, ...parts: ReturnType<typeof part>[]) => peakMemory(config, stored, parts, parallel);
  const [low, high, small] = [part(0, 4), part(12, 4), part(15, 1)];
  expect(peak(1, small, high, low)).toBe(low.memoryBytes);
  expect(peak(2, small, high, low)).toBe(of(low, high));
  expect(peak(9, small, high, low)).toBe(of(small, high, low));
  const later = part(0, 4, { start: "merged", round: 1 });
  expect(peak(2, low, later)).toBe(low.memoryBytes);
  expect(peak(2, low, { ...later, strategy: "b" })).toBe(of(low, later));
});
