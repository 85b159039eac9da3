import { describe, expect, test } from "vitest";
import { expectedShares } from "../../src/plan/time.js";
import { planParts, type PlanSettings } from "../../src/plan/plan-parts.js";
import type { StrategyTemplate } from "../../src/plan/presets/preset.js";
import type { Strategy } from "../../src/plan/strategy.js";
import { parseRecipe } from "../../src/recipe/load-recipe.js";
import { trainingInputs } from "../../src/run/graph/training-jobs.js";
import { smallRecipe } from "../recipe/small-recipe.js";
import { builtPreset } from "./built.js";
import { llama1b as config } from "./llama-1b.js";

const settings: PlanSettings = {
  config,
  training: { ...trainingSettings(), sequenceLength: 1024, microBatchSize: 4 },
  storedBytesPerElement: 2,
  dtype: "bf16",
  savings: { activationCheckpointing: false, offload: false },
};
const preset = (name: string) => builtPreset(name);
const paper = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => preset(`slerp-${i}`));
const share = (strategy: Strategy) => expectedShares(planParts(strategy, settings), 4).shareOfVanilla;

function trainingSettings() {
  return trainingInputs(parseRecipe(smallRecipe, "small.yaml").training).settings;
}

describe("the expected share of vanilla's duration", () => {
  test("is 1 for vanilla and a quarter for four full models", () => {
    expect(share(preset("vanilla"))).toBe(1);
    expect(share(preset("slerp-4"))).toBeCloseTo(0.25, 12);
  });
  test("is 18.3 % for four windows of four, whose parts cost 0.731, 0.666, 0.600 and 0.534 of a step", () => {
    expect(share(preset("slerp-1"))).toBeCloseTo(0.183, 3);
    const [parts] = planParts(preset("slerp-1"), settings);
    for (const [i, cost] of [0.731, 0.666, 0.6, 0.534].entries())
      expect(Math.abs(parts[i].cost - cost)).toBeLessThan(2e-3);
  });
  test("orders the paper's strategies as its clock did, but for ties", () => {
    const shares = paper.map((strategy) => share(strategy));
    expect(shares[0]).toBe(Math.min(...shares));
    expect(Math.max(...shares)).toBe(shares[3]);
    expect(shares[1]).toBeGreaterThan(shares[2]);
    expect(shares[6]).toBeGreaterThan(shares[1]);
  });
  test(
    "does not depend on the rounds, grows on a machine that runs two parts at a time, follows " +
      "cost-balanced shards",
    () => {
      const slices = preset("slerp-1");
      const changed = (changes: Partial<StrategyTemplate>) => builtPreset("slerp-1", 16, changes);
      expect(share(changed({ rounds: 4 }))).toBeCloseTo(share(slices), 12);
      expect(share(changed({ rounds: 4, rotate: true }))).toBeCloseTo(share(slices), 12);
      expect(expectedShares(planParts(preset("slerp-4"), settings), 2).shareOfVanillaHere).toBeCloseTo(0.5, 12);
      expect(share(changed({ dataShares: "cost" }))).toBeCloseTo(0.156, 3);
      const works = planParts(changed({ dataShares: "cost" }), settings)[0].map(({ work }) => work);
      for (const work of works) expect(work).toBeCloseTo(works[0], 12);
    },
  );
  test("here is that of one machine after another where a machine runs one part at a time", () => {
    const shares = expectedShares(planParts(preset("slerp-1"), settings), 1);
    const costs = planParts(preset("slerp-1"), settings)[0].map(({ cost }) => cost);
    expect(shares.shareOfVanillaHere).toBeCloseTo(costs.reduce((sum, cost) => sum + cost, 0) / 4, 12);
  });
});

describe("a part", () => {
  test("reads its own shard, or all of them where it is alone; rounds share the data", () => {
    const of = (strategy: Strategy) =>
      planParts(strategy, settings)
        .flat()
        .map(({ shards, shareOfData }) => [shards, shareOfData]);
    expect(of(preset("vanilla"))).toEqual([[[0, 1, 2, 3], 1]]);
    expect(of(preset("slerp-4"))).toEqual([0, 1, 2, 3].map((shard) => [[shard], 0.25]));
    expect(of(preset("alone"))).toEqual([[[0], 0.25]]);
    expect(of(builtPreset("slerp-4", 16, { amount: 2 }))).toEqual([0, 1, 2, 3].map((shard) => [[shard], 0.5]));
    expect(of(builtPreset("slerp-4", 16, { rounds: 2 }))).toEqual(
      [0, 1, 2, 3, 0, 1, 2, 3].map((shard) => [[shard], 0.125]),
    );
  });
  test("takes another window each round where windows rotate", () => {
    const rounds = planParts(builtPreset("slerp-1", 16, { rounds: 2, rotate: true }), settings);
    expect(rounds.map((parts) => parts.map(({ window }) => window.first))).toEqual([
      [0, 4, 8, 12],
      [4, 8, 12, 0],
    ]);
  });
  test("has the parameters and the memory of its window", () => {
    const [vanilla] = planParts(preset("vanilla"), settings)[0];
    expect(vanilla.trainableParameters).toBe(1_235_814_400);
    expect(planParts(preset("slerp-1"), settings)[0].map((part) => part.trainableParameters)).toEqual(
      Array(4).fill(4 * 60_821_504),
    );
    // 19.8 GB to train everything, 5.9 GB for four layers, without activations.
    const least = { ...settings, training: { ...settings.training, sequenceLength: 1, microBatchSize: 1 } };
    const parts = [preset("vanilla"), preset("slerp-1")].flatMap((strategy) => planParts(strategy, least).flat());
    expect(parts.map(({ memoryBytes }) => Math.round(memoryBytes / 1e8) / 10)).toEqual([19.9, 6, 6, 6, 6]);
  });
});
