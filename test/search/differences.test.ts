import { expect, test } from "vitest";
import { recipeDifferences } from "../../src/search/compare/differences.js";

test("recipes differ in the values that are not the same; strategies are found by name", () => {
  const recipe = {
    name: "a",
    seed: 1,
    training: { learningRate: 1e-3, data: ["x"] },
    strategies: ["vanilla", { name: "mine", windows: ["full", "full"], rounds: 2 }],
    evaluation: [{ name: "loss", kind: "loss" }],
  };
  const other = {
    ...recipe,
    name: "b",
    training: { learningRate: 2e-3, data: ["x", "y"] },
    strategies: [{ name: "mine", windows: ["full", "0-4"], rounds: 2 }, "slerp-4"],
    search: { values: {} },
  };
  expect(recipeDifferences([recipe, other])).toEqual([
    { key: "training.learningRate", values: ["0.001", "0.002"] },
    { key: "training.data", values: ['["x"]', '["x","y"]'] },
    { key: "strategies.vanilla", values: ['"preset"', null] },
    { key: "strategies.mine.windows", values: ['["full","full"]', '["full","0-4"]'] },
    { key: "strategies.slerp-4", values: [null, '"preset"'] },
  ]);
  expect(recipeDifferences([recipe, { ...recipe, name: "c" }])).toEqual([]);
  expect(recipeDifferences([recipe, recipe, other])[0].values).toEqual(["0.001", "0.001", "0.002"]);
});
