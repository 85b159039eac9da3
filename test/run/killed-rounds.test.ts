import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { leaseHolder } from "../../src/files/lease.js";
import type { Writer } from "../../src/files/writer.js";
import { planRun, type RunPlan } from "../../src/run/graph/run-graph.js";
import { temporaryFolder } from "../temporary-folder.js";
import { copyPrepared, outputsOf, smallRecipe, writeSmallRecipe } from "./small-recipe.js";
import { strata } from "./strata.js";

const overrides = [
  "training.amount.steps=108",
  "strategies=[{name: rounds, windows: [full, full], rounds: 4, " +
    "merge: {method: union, outerOptimizer: {learningRate: 0.7, momentum: 0.5}}}]",
  "shards=2",
  "baselines=[]",
  "evaluateAt=[]",
  "evaluation=[{name: loss, kind: loss, data: problems, documents: 4}]",
];
const recipeFolder = temporaryFolder();
const recipePath = writeSmallRecipe(recipeFolder);
const undisturbed = join(temporaryFolder(), "runs");
let plan: RunPlan;
let expected: Record<string, string>;

const run = (runs: string, meanwhile: Parameters<typeof strata>[1] = undefined) =>
  strata(["run", recipePath, "--runs", runs, "--quiet", ...overrides.flatMap((set) => ["--set", set])], meanwhile);
const ids = () => plan.jobs.map(({ id }) => id);
/** A store in which the rounds can start. */
const preparedStore = () => {
  const runs = join(temporaryFolder(), "runs");
  copyPrepared(plan, undisturbed, runs);
  return runs;
};

/** Kills a process as soon as a file of a job in the store exists. */
function killOnce(runs: string, id: string, name: string, pid: () => number): void {
  const path = join(runs, "jobs", id, name);
  const timer = setInterval(() => {
    if (!existsSync(path)) return;
    clearInterval(timer);
    process.kill(pid(), "SIGKILL");
  }, 2);
}
const holderOf = (runs: string, id: string) => (leaseHolder(join(runs, "jobs", id, "lock")) as Writer).pid;

beforeAll(async () => {
  plan = await planRun(await smallRecipe(recipeFolder, overrides));
  expect((await run(undisturbed)).code).toBe(0);
  expected = outputsOf(undisturbed, ids());
});

describe.each([1, 3])("killed in round %i, rounds end with the same bytes as undisturbed ones", (round) => {
  const part = () => plan.strategies[0].parts[round][1];

  it("if it was the worker: its job fails, and a second run resumes", async () => {
    const runs = preparedStore();
    const { id } = part();
    const killed = await run(runs, () => killOnce(runs, id, "checkpoint.safetensors", () => holderOf(runs, id)));
    expect(killed.code).toBe(1);
    expect(killed.err).toContain("got killed by SIGKILL");
    expect((await run(runs)).code).toBe(0);
    expect(outputsOf(runs, ids())).toEqual(expected);
  });

  it("if it was the run: a second one takes over, and no lock or partial file is left", async () => {
    const runs = preparedStore();
    const killed = await run(runs, (process) =>
      killOnce(runs, part().id, "checkpoint.safetensors", () => process.pid as number),
    );
    expect(killed.code).toBe(null);
    expect((await run(runs)).code).toBe(0);
    expect(outputsOf(runs, ids())).toEqual(expected);
    const left = readdirSync(runs, { recursive: true, encoding: "utf8" }).filter((name) =>
      /(\/lock|\.partial|checkpoint\.safetensors|progress\.json)$/.test(name),
    );
    expect(left).toEqual([]);
  });
});
