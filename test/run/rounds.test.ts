import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { jobFolder, readDone } from "../../src/jobs/job-folder.js";
import { planRun, type RunPlan } from "../../src/run/graph/run-graph.js";
import { memoryFolder } from "../temporary-folder.js";
import { smallRecipe, writeSmallRecipe } from "./small-recipe.js";
import { strata } from "./strata.js";

const set = [
  "baselines=[]",
  "evaluateAt=[]",
  "evaluateParts=true",
  "strategies=[{name: many, windows: [full, full, full, full], rounds: 4, merge: {method: union, " +
    "outerOptimizer: {learningRate: 0.7, momentum: 0.5}}}]",
];
const options = set.flatMap((text) => ["--set", text]);
const folder = memoryFolder();
const store = { folder: join(folder, "runs") };
let plan: RunPlan;

const modelOf = (id: string) => join(jobFolder(store, id), "model", "model.safetensors");
const run = () => strata(["run", writeSmallRecipe(folder), "--runs", store.folder, ...options]);
const finalHash = () => {
  const [{ merges }] = plan.strategies;
  return readDone(store, merges[3].id)?.outputs["model/model.safetensors"].sha256;
};

beforeAll(async () => {
  plan = await planRun(await smallRecipe(folder, set));
  expect((await run()).code).toBe(0);
}, 240_000);

describe("a run of several rounds", () => {
  it("keeps the parts of the first round, those of the last and the last merge", () => {
    const [{ parts, merges }] = plan.strategies;
    const isKept = ({ id }: { id: string }) => existsSync(modelOf(id));
    expect(parts.map((jobs) => jobs.map(isKept))).toEqual(
      [true, false, false, true].map((kept) => Array<boolean>(4).fill(kept)),
    );
    expect(merges.map(isKept)).toEqual([false, false, false, true]);
    expect([...parts.flat(), ...merges].every(({ id }) => readDone(store, id) !== null)).toBe(true);
  });

  it("scores every part of the last round", () => {
    const [{ partEvaluations }] = plan.strategies;
    expect(partEvaluations.length).toBe(4);
    for (const { id } of partEvaluations) expect(readDone(store, id)?.result).toHaveLength(2);
  });

  it("repeats what an unfinished job needs, and ends with the same bytes", async () => {
    const before = finalHash();
    const [{ merges }] = plan.strategies;
    rmSync(join(jobFolder(store, merges[3].id), "done.json"));
    rmSync(join(jobFolder(store, plan.strategies[0].parts[3][2].id), "done.json"));
    const again = await run();
    expect(again.code).toBe(0);
    expect(finalHash()).toBe(before);
    expect(existsSync(modelOf(merges[2].id))).toBe(false);
  }, 120_000);
});
