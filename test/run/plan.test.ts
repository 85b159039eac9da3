import { describe, expect, test } from "vitest";
import { partsLine, partsTable, strategiesTable } from "../../src/cli/view/plan/plan-text.js";
import { summarizePlan, type PlanSummary } from "../../src/run/graph/plan-summary.js";
import { planRun } from "../../src/run/graph/run-graph.js";
import { temporaryFolder } from "../temporary-folder.js";
import { smallRecipe } from "./small-recipe.js";

const folder = temporaryFolder();
const plan = async (strategies: string, parallel = 2, overrides: string[] = []): Promise<PlanSummary> =>
  summarizePlan(
    await planRun(await smallRecipe(folder, [`strategies=[${strategies}]`, "baselines=[]", ...overrides])),
    parallel,
  );
const custom = (name: string, method: string, rounds = 1) =>
  `{name: ${name}, windows: [0-1, 1-2, 2-3, 3-4], rounds: ${rounds}, merge: {method: ${method}}}`;

describe("parts that several strategies contain are trained once", () => {
  test("SLERP 1 to 9 are 36 parts, 24 to train", async () => {
    const nine = await plan(Array.from({ length: 9 }, (_, i) => `slerp-${i + 1}`).join(), 2, [
      "model.pretrain.shape.layers=16",
    ]);
    expect(partsLine(nine)).toBe("9 strategies, 36 parts, 24 to train");
    const windows = new Set(nine.parts.map(({ window, shards }) => JSON.stringify([window, shards])));
    expect([nine.partsToTrain, windows.size]).toEqual([24, 24]);
  });
  test("vanilla shares no part with slerp-4: it has all of the data", async () => {
    const { parts, partsToTrain } = await plan("vanilla, slerp-4");
    expect([parts.length, partsToTrain]).toEqual([5, 5]);
  });
  test("the same strategy merged otherwise is free in one round; a later round starts from another model", async () => {
    expect((await plan(`${custom("a", "slerp")}, ${custom("b", "union")}`)).partsToTrain).toBe(4);
    expect((await plan(`${custom("a", "slerp", 2)}, ${custom("b", "union", 2)}`)).partsToTrain).toBe(12);
    expect((await plan(`${custom("a", "slerp")}, ${custom("b", "slerp", 2)}`)).partsToTrain).toBe(12);
  });
});

test("the plan shows every part, and every strategy beside vanilla", async () => {
  const summary = await plan(`vanilla, slerp-1, ${custom("mine", "union")}`);
  // The memory is the model's matter; see cost.test.ts.
  const parts = summary.parts.map((part) => ({ ...part, memoryBytes: 512_000 }));
  expect(partsTable({ ...summary, parts })).toBe(
    `strategy  round  worker  trains                       parameters  cost   data     memory  shared
vanilla       1       1  0-4 + embedding, norm, head      14,160  1.000  100.0 %  0.5 MB
slerp-1       1       1  0-1                               2,336  0.721   25.0 %  0.5 MB
slerp-1       1       2  1-2                               2,336  0.667   25.0 %  0.5 MB
slerp-1       1       3  2-3                               2,336  0.612   25.0 %  0.5 MB
slerp-1       1       4  3-4                               2,336  0.557   25.0 %  0.5 MB
mine          1       1  0-1                               2,336  0.721   25.0 %  0.5 MB  as in slerp-1
mine          1       2  1-2                               2,336  0.667   25.0 %  0.5 MB  as in slerp-1
mine          1       3  2-3                               2,336  0.612   25.0 %  0.5 MB  as in slerp-1
mine          1       4  3-4                               2,336  0.557   25.0 %  0.5 MB  as in slerp-1`,
  );
  expect(strategiesTable(summary)).toBe(
    `strategy  parts  to train  one machine per part  2 in parallel  exchanges  sent    received
vanilla       1         1               100.0 %        100.0 %          0  0.0 MB    0.0 MB
slerp-1       4         4                18.0 %         32.0 %          1  0.0 MB    0.0 MB
mine          4         0                18.0 %         32.0 %          1  0.0 MB    0.0 MB`,
  );
});

test("a run's memory is that of its largest parts at a time, sharing frozen weights, or of pre-training", async () => {
  const of = ({ parts }: PlanSummary) => parts.map(({ memoryBytes }) => memoryBytes);
  const two = await plan("slerp-4", 2);
  expect(two.peakMemoryBytes).toBe(2 * of(two)[0]);
  const shared = await plan(`vanilla, slerp-1, ${custom("mine", "union")}`, 100);
  // Pre-trained here, weights are f32. Each of slerp-1's four parts leaves all but 2,336 of 14,160 as they are;
  // together they read all.
  expect(shared.peakMemoryBytes).toBe(
    of(shared)
      .slice(0, 5)
      .reduce((sum, bytes) => sum + bytes, 0) -
      4 * 4 * (14_160 - 2336) +
      4 * 14_160,
  );
  const small = await plan("slerp-1", 1);
  expect(small.peakMemoryBytes).toBeGreaterThan(Math.max(...of(small)));
});
