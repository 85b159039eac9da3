import { describe, expect, test } from "vitest";
import type { LlamaConfig } from "../../src/model/config.js";
import { planRun, type PlanInput } from "../../src/plan/plan.js";
import { presetStrategy, strategyPresets, type Strategy } from "../../src/plan/strategy.js";

/** Llama-3.2-1B. */
const config: LlamaConfig = {
  vocabularySize: 128256, width: 2048, layers: 16, queryHeads: 32, keyValueHeads: 8, headWidth: 64, feedForwardWidth: 8192,
  normEpsilon: 1e-5, ropeTheta: 500000, tiedHead: true, maximumPositions: 131072, bosId: 128000, eosIds: [128001],
  ropeScaling: { factor: 32, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 8192 },
};
const input = (strategies: readonly Strategy[], change: Partial<PlanInput> = {}): PlanInput => ({
  config, strategies, tokensPerShard: [25e6, 25e6, 25e6, 25e6], parallel: 4, threads: 1, storedBytesPerElement: 2,
  training: { sequenceLength: 1024, batchSize: 4, amount: { epochs: 1 } }, ...change,
});
const paper = strategyPresets.filter((name) => name !== "vanilla").map((name) => presetStrategy(name, 16));
const share = (strategy: Strategy, change: Partial<PlanInput> = {}) => planRun(input([strategy], change)).strategies[0].shareOfVanilla;

describe("parts that several strategies contain are trained once", () => {
  test("SLERP 1–9 are 36 parts, 24 to train", () => {
    const plan = planRun(input(paper));
    const pairs = new Set(paper.flatMap(({ windows }) => windows.map(({ first, end }, shard) => `${first}-${end} on ${shard}`)));
    expect([plan.parts.length, plan.partsToTrain, pairs.size]).toEqual([36, 24, 24]);
  });
  test("vanilla shares no part with slerp-4: it has all of the data", () => {
    const plan = planRun(input([presetStrategy("vanilla", 16), presetStrategy("slerp-4", 16)]));
    expect([plan.parts.length, plan.partsToTrain]).toEqual([5, 5]);
    expect(plan.parts.map(({ tokens }) => tokens)).toEqual([100e6, 25e6, 25e6, 25e6, 25e6]);
  });
  test("the same strategy merged otherwise is free in one round; a later round starts from another model", () => {
    const one = presetStrategy("slerp-1", 16);
    const two: Strategy = { ...one, name: "union", merge: { ...one.merge, method: "union" } };
    expect(planRun(input([one, two])).partsToTrain).toBe(4);
    expect(planRun(input([{ ...one, rounds: 2 }, { ...two, rounds: 2 }])).partsToTrain).toBe(12);
    expect(planRun(input([one, { ...one, name: "rounds", rounds: 2 }])).partsToTrain).toBe(12);
  });
});

describe("the expected share of vanilla's duration", () => {
  test("is 1 for vanilla and a quarter for four full models", () => {
    expect(share(presetStrategy("vanilla", 16))).toBe(1);
    expect(share(presetStrategy("slerp-4", 16))).toBeCloseTo(0.25, 12);
  });
  test("is 18.3 % for four windows of four, whose parts cost 0.731, 0.666, 0.600 and 0.534 of a step", () => {
    const plan = planRun(input([presetStrategy("slerp-1", 16)]));
    expect(plan.strategies[0].shareOfVanilla).toBeCloseTo(0.183, 3);
    for (const [i, cost] of [0.731, 0.666, 0.6, 0.534].entries()) expect(Math.abs(plan.parts[i].cost - cost)).toBeLessThan(2e-3);
  });
  test("orders the paper's strategies as its clock did, but for ties", () => {
    const shares = planRun(input(paper)).strategies.map(({ shareOfVanilla }) => shareOfVanilla);
    expect(shares[0]).toBe(Math.min(...shares));
    expect(Math.max(...shares)).toBe(shares[3]);
    expect(shares[1]).toBeGreaterThan(shares[2]);
    expect(shares[6]).toBeGreaterThan(shares[1]);
  });
  test("does not depend on the rounds, grows on a machine that runs two parts at a time, follows cost-balanced shards", () => {
    const slices = presetStrategy("slerp-1", 16);
    expect(share({ ...slices, rounds: 4 })).toBeCloseTo(share(slices), 12);
    expect(share({ ...slices, rounds: 4, rotate: true })).toBeCloseTo(share(slices), 12);
    const full = presetStrategy("slerp-4", 16);
    expect(planRun(input([full], { parallel: 2 })).strategies[0].shareOfVanillaHere).toBeCloseTo(0.5, 12);
    const costs = planRun(input([slices])).parts.map(({ cost }) => cost);
    const whole = costs.reduce((sum, cost) => sum + 1 / cost, 0);
    expect(share(slices, { tokensPerShard: costs.map((cost) => 1e8 / cost / whole) })).toBeCloseTo(0.156, 3);
  });
  test("by steps, four workers take as long as one", () => {
    const training = { sequenceLength: 1024, batchSize: 4, amount: { steps: 100 } };
    expect(share(presetStrategy("slerp-4", 16), { training })).toBe(1);
  });
});

describe("the plan says what a part takes", () => {
  test("layers, parameters and memory", () => {
    const { parts, totalParameters, peakMemoryBytes } = planRun(input([presetStrategy("vanilla", 16), presetStrategy("slerp-1", 16)]));
    expect(totalParameters).toBe(1_235_814_400);
    expect(parts.map(({ layersTrained }) => layersTrained)).toEqual([16, 4, 4, 4, 4]);
    expect(parts[0].trainableParameters).toBe(1_235_814_400);
    expect(parts[1].trainableParameters).toBe(4 * 60_821_504);
    const small = planRun(input([presetStrategy("vanilla", 16), presetStrategy("slerp-1", 16)], {
      training: { sequenceLength: 1, batchSize: 1, amount: { epochs: 1 } },
    }));
    // 19.8 GB to train everything, 5.9 GB for four layers, without activations.
    expect(small.parts.map(({ memoryBytes }) => Math.round(memoryBytes / 1e8) / 10)).toEqual([19.8, 5.9, 5.9, 5.9, 5.9]);
    const largest = parts.map(({ memoryBytes }) => memoryBytes).sort((a, b) => b - a).slice(0, 4);
    expect(peakMemoryBytes).toBe(largest.reduce((a, b) => a + b, 0));
  });
  test("windows that do not fit the shards or the model are errors", () => {
    expect(() => planRun(input([presetStrategy("slerp-1", 16)], { tokensPerShard: [1, 1] }))).toThrow(
      "strategy slerp-1 windows — expected 1 or 2, one per shard, got 4.",
    );
    expect(() => planRun(input([presetStrategy("slerp-1", 20)]))).toThrow(
      "strategy slerp-1 windows[3] — expected a window inside layers 0–16, got 15-20.\n  Use half-open ranges such as 12-16.",
    );
  });
});
