import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { choosePool } from "../../src/cli/environment/machine.js";
import { diskOfModels } from "../../src/run/graph/disk-of-models.js";
import { readDone } from "../../src/jobs/job-folder.js";
import type { ReportFacts } from "../../src/report/facts.js";
import type { TrainParameters } from "../../src/run/kinds/train-parameters.js";
import { reportFacts } from "../../src/run/facts/report-facts.js";
import { readPlan } from "../../src/run/graph/plan-record.js";
import { planRun, type RunPlan } from "../../src/run/graph/run-graph.js";
import { memoryFolder } from "../temporary-folder.js";
import { outputsOf, smallRecipe, writeSmallRecipe } from "./small-recipe.js";
import { strata, type Ended } from "./strata.js";

let recipePath: string;
let plan: RunPlan;
let whole: string;
let first: Ended;

beforeAll(async () => {
  const folder = memoryFolder();
  recipePath = writeSmallRecipe(folder);
  plan = await planRun(await smallRecipe(folder));
  whole = join(folder, "runs");
  first = await strata(["run", recipePath, "--runs", whole]);
}, 240_000);

const ids = () => plan.jobs.map(({ id }) => id);

describe("a run", () => {
  it("ends with the results table and the report", () => {
    expect(first.err).not.toContain("✗");
    expect(first.code).toBe(0);
    for (const name of ["base", "vanilla", "slerp-1", "rounds"]) expect(first.out).toContain(name);
    expect(existsSync(join(whole, "pico", "report.html"))).toBe(true);
  });

  it("does nothing a second time, and gives the same report", async () => {
    const before = outputsOf(whole, ids());
    const again = await strata(["run", recipePath, "--runs", whole]);
    expect(again.code).toBe(0);
    expect(again.err).toContain(`${plan.jobs.length} of ${plan.jobs.length} jobs are already done`);
    expect(outputsOf(whole, ids())).toEqual(before);
  });

  it("records the covariances of the scores of all strategies, with the errors of the scores on the diagonal", () => {
    const facts = JSON.parse(readFileSync(join(whole, "pico", "ledger.json"), "utf8")) as ReportFacts;
    for (const [i, { scores }] of facts.strategies.entries())
      for (const { task, metrics } of scores)
        for (const [metric, { standardError }] of Object.entries(metrics)) {
          const row = facts.covariances?.[task]?.[metric]?.[i] ?? [];
          expect(row).toHaveLength(facts.strategies.length);
          expect(row).not.toContain(null);
          expect(Math.sqrt(row[i] as number)).toBeCloseTo(standardError as number, 9);
        }
  });

  it("is recorded in its folder: the facts of the records are those of the plan", () => {
    const folder = join(whole, "pico");
    const [planned, recorded] = [plan, { recipe: plan.recipe, ...readPlan(folder) }].map((one) =>
      reportFacts({ folder: whole }, one),
    );
    expect({ ...recorded, date: "" }).toEqual({ ...planned, date: "" });
  });

  it("keeps the moments that a later round needs and no others, and takes the disk that the plan states", () => {
    const outputs = plan.jobs.flatMap(({ id, kind, parameters }) => {
      const names = Object.entries(readDone({ folder: whole }, id)?.outputs ?? {}).filter(([name]) =>
        name.endsWith(".safetensors"),
      );
      const isKept = kind === "train" && (parameters as TrainParameters).keepsMoments;
      expect(existsSync(join(whole, "jobs", id, "moments.safetensors"))).toBe(isKept);
      expect(names.some(([name]) => name === "moments.safetensors")).toBe(isKept);
      return names;
    });
    const bytes = outputs.reduce((sum, [, file]) => sum + file.bytes, 0);
    const { kept } = diskOfModels(plan, plan.jobs, 2);
    // Headers of files are not counted: of these small models they are a seventh.
    expect(bytes / kept).toBeGreaterThan(1);
    expect(bytes / kept).toBeLessThan(1.15);
  });

  it("is also named by its folder: to report, to plan, to run", async () => {
    const folder = join(whole, "pico");
    const html = join(folder, "report.html");
    const before = readFileSync(html, "utf8");
    rmSync(html);
    const report = await strata(["report", folder]);
    expect(report).toMatchObject({ code: 0, err: "" });
    expect(report.out.endsWith(`\n\nReport: ${html}\n`)).toBe(true);
    const undated = (page: string) => page.replace(/\d{4}-\d\d-\d\d[^<]*/g, "");
    expect(undated(readFileSync(html, "utf8"))).toBe(undated(before));
    expect((await strata(["report", folder, "--quiet"])).out).toBe("");
    const summary = await strata(["report", folder, "--json"]);
    expect([summary.code, summary.err, summary.out.trimEnd().split("\n").length]).toEqual([0, "", 1]);
    const { strategies } = JSON.parse(summary.out) as { strategies: readonly { name: string }[] };
    expect(strategies.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["base", "vanilla", "slerp-1", "rounds"]),
    );
    expect(strategies[0]).toMatchObject({ seconds: null, shareOfVanilla: null, exchanges: 0, bytes: 0 });
    expect(strategies.find(({ name }) => name === "rounds")).toMatchObject({
      exchanges: 2,
      shareOfVanilla: expect.any(Number),
      scores: { loss: { loss: { value: expect.any(Number), error: expect.any(Number) } } },
    });
    expect(JSON.parse((await strata(["plan", folder, "--json"])).out)).toMatchObject({ name: "pico", open: [] });
    expect(JSON.parse((await strata(["run", folder, "--json"])).out)).toMatchObject({
      outcome: "finished",
      facts: { name: "pico" },
    });
    const missing = await strata(["report", whole]);
    expect(missing).toEqual({
      code: 2,
      out: "",
      err:
        `RecipeError: ${whole} — expected a recipe file, or the folder of a run with its recipe.yaml, ` +
        "got a folder without recipe.yaml.\n" +
        "  `strata run` creates such a folder for each recipe, for example runs/demo.\n",
    });
  });

  it("killed at several moments and resumed, writes the same bytes as an uninterrupted one", async () => {
    const runs = join(memoryFolder(), "runs");
    for (const moment of [900, 1700, 2600]) {
      await strata(["run", recipePath, "--runs", runs, "--quiet"], (run) =>
        setTimeout(() => run.kill("SIGKILL"), moment),
      );
    }
    const { code, err } = await strata(["run", recipePath, "--runs", runs, "--quiet"]);
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(outputsOf(runs, ids())).toEqual(outputsOf(whole, ids()));
  });

  it("writes the same bytes with more threads", async () => {
    const runs = join(memoryFolder(), "runs");
    const { code } = await strata([
      "run",
      recipePath,
      "--runs",
      runs,
      "--quiet",
      "--set",
      "machine.threads=3",
      "--set",
      "machine.parallel=1",
    ]);
    expect(code).toBe(0);
    expect(outputsOf(runs, ids())).toEqual(outputsOf(whole, ids()));
  });

  it("names a damaged input and what to remove; all that does not need it is done", async () => {
    const model = join(whole, "jobs", plan.pretrainJob!.id, "model", "model.safetensors");
    const bytes = readFileSync(model);
    const evaluation = join(whole, "jobs", plan.baseEvaluation.id);
    rmSync(evaluation, { recursive: true });
    writeFileSync(model, bytes.subarray(0, bytes.length - 100));
    const { code, err } = await strata(["run", recipePath, "--runs", whole]);
    expect(code).toBe(1);
    expect(err).toContain(
      `CheckpointError: ${model} — expected ${bytes.length} bytes, got ${bytes.length - 100} bytes.`,
    );
    expect(err).toContain("remove the folder");
    writeFileSync(model, bytes);
    expect((await strata(["run", recipePath, "--runs", whole, "--quiet"])).code).toBe(0);
  });
});

it("threads and jobs at a time are the recipe's where it says so", async () => {
  expect(await choosePool(await smallRecipe(memoryFolder(), ["machine.device=cpu"]))).toEqual({
    parallel: 2,
    execution: { device: "cpu", instructions: "auto", threads: 1 },
  });
});
