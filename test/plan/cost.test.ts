import { expect, it } from "vitest";
import { trainingMemoryBytes, type MemorySavings } from "../../src/plan/memory.js";
import { scratchBytes } from "../../src/plan/disk.js";
import { optimizerCost } from "../../src/plan/optimizer-cost.js";
import { stepCost } from "../../src/plan/time.js";
import { forwardFlopsPerToken, totalParameters, trainableParameters } from "../../src/model/config/parameter-counts.js";
import { llama1b } from "./llama-1b.js";
import { plainAdamW } from "../train/adamw.js";

const everything = { first: 0, end: 16, embeddings: true };
const windows = [0, 4, 8, 12].map((first) => ({ first, end: first + 4, embeddings: false }));

it("Llama-3.2-1B has 1,235,814,400 parameters, and parts add up to it", () => {
  expect(totalParameters(llama1b)).toBe(1235814400);
  expect(trainableParameters(llama1b, everything)).toBe(1235814400);
  const layers = windows.reduce((sum, window) => sum + trainableParameters(llama1b, window), 0);
  expect(layers + trainableParameters(llama1b, { first: 0, end: 0, embeddings: true })).toBe(1235814400);
});

it(
  "a window costs forward, input gradients from its lowest layer up and its own weight gradients: " +
    "docs/method.md's numbers",
  () => {
    expect(stepCost(llama1b, everything)).toBe(1);
    [0.731, 0.666, 0.6, 0.534].forEach((cost, i) =>
      expect(Math.abs(stepCost(llama1b, windows[i]) - cost)).toBeLessThan(0.0015),
    );
  },
);

it(
  "with its state on disk a pass holds a layer's weights, or the largest tensor and its gradient; the " +
    "rest is 16 bytes a parameter there",
  () => {
    const savings = { activationCheckpointing: false, offload: true, ...plainAdamW };
    const held = (window: typeof everything) => {
      const { weights, gradients, optimizer } = trainingMemoryBytes(llama1b, window, 1, 1, 2, "bf16", savings);
      return weights + gradients + optimizer;
    };
    expect(held(everything)).toBe(8 * 128256 * 2048);
    const layer = 2048 * (2 * 2048 + 2 * 512 + 3 * 8192) + 2 * 2048;
    expect(held(windows[0])).toBe(2 * (totalParameters(llama1b) - 4 * layer) + 4 * layer);
    expect(scratchBytes(llama1b, windows[0], plainAdamW)).toBe(16 * 4 * layer);
  },
);

it(
  "full training holds 19.8 GB of weights, gradients and moments, a window of four layers 5.9 GB with " +
    "the rest in bf16",
  () => {
    const gigabytes = (window: typeof everything) => {
      const { weights, gradients, optimizer } = trainingMemoryBytes(llama1b, window, 1, 1, 2, "bf16", {
        activationCheckpointing: false,
        offload: false,
        ...plainAdamW,
      });
      return (weights + gradients + optimizer) / 1e9;
    };
    expect(gigabytes(everything)).toBeCloseTo(19.8, 1);
    for (const window of windows) expect(gigabytes(window)).toBeCloseTo(5.9, 1);
  },
);

it("a forward multiplies and adds once with each matrix element, and attention grows with the length", () => {
  const matrices = 2 * (16 * 60817408 + 262668288);
  expect(forwardFlopsPerToken(llama1b, 0)).toBe(matrices);
  expect(forwardFlopsPerToken(llama1b, 2048) - matrices).toBe(2 * 16 * 2048 * 2048);
});

it("Muon's products cost a share of a step that falls with the tokens of a step and the layers of a window", () => {
  const cost = (window: typeof everything, batchSize: number, optimizer: "adamw" | "muon" = "muon") =>
    optimizerCost(llama1b, window, { optimizer, muonBlockRows: null, batchSize, sequenceLength: 512 });
  expect(cost(everything, 8, "adamw")).toBe(0);
  expect(cost(everything, 16)).toBe(cost(everything, 8) / 2);
  expect(cost(windows[1], 8)).toBeCloseTo(cost(everything, 8) / 4, 12);
  // Per layer: five iterations over q and o, k and v, gate, up and down.
  const square = 2 * 2 * 2048 ** 3;
  const narrow = 2 * 512 ** 2 * (1.5 * 2048 + 0.5 * 512);
  const wide = 3 * 2048 ** 2 * (1.5 * 8192 + 0.5 * 2048);
  const all = 3 * (16 * 60817408 + 262668288);
  expect(cost(everything, 1)).toBeCloseTo((16 * 5 * (square + narrow + wide)) / 512 / all, 12);
});

it("Muon keeps 4 bytes less per element of a matrix, and its work space does not grow with the layers", () => {
  const savings = { activationCheckpointing: false, offload: false, ...plainAdamW };
  const optimizerOf = (window: typeof everything, change: Partial<MemorySavings>) =>
    trainingMemoryBytes(llama1b, window, 1, 1, 2, "bf16", { ...savings, ...change }).optimizer;
  const matrices = 4 * 2048 * (2 * 2048 + 2 * 512 + 3 * 8192);
  const work = 8 * (2048 * 8192 + 2048 ** 2);
  const saved = optimizerOf(windows[0], {}) - optimizerOf(windows[0], { optimizer: "muon" });
  expect(saved).toBe(4 * matrices - work);
  expect(optimizerOf(windows[0], { optimizer: "muon", offload: true })).toBe(work);
  const embeddings = { first: 0, end: 0, embeddings: true };
  expect(optimizerOf(embeddings, { optimizer: "muon" })).toBe(optimizerOf(embeddings, {}));
  // A mean for every element, one moment less for those of matrices: the norms take more.
  expect(scratchBytes(llama1b, windows[0], { optimizer: "muon", tailAverage: 0.1 })).toBe(
    scratchBytes(llama1b, windows[0], plainAdamW) + 4 * 4 * 2048 * 2,
  );
});
