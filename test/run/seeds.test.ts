import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { readDone } from "../../src/jobs/job-folder.js";
import { loadRecipe } from "../../src/recipe/load-recipe.js";
import type { SeedsJson } from "../../src/report/seeds/seeds-json.js";
import { planRun } from "../../src/run/graph/run-graph.js";
import { writeSearchRecipe } from "../search/search-recipe.js";
import { memoryFolder } from "../temporary-folder.js";
import { outputsOf } from "./small-recipe.js";
import { strata, type Ended } from "./strata.js";

const folder = memoryFolder();
const recipe = writeSearchRecipe(folder, "{ values: { strategies.0.rounds: [1, 2] } }", "many");
const runs = join(folder, "runs");
const set = ["--set", "seeds=[1, 2]"];
const run = (store: string, ...more: readonly string[]) => strata(["run", recipe, "--runs", store, ...set, ...more]);
const jobsOf = async (seed: number) =>
  (await planRun(await loadRecipe(recipe, [`seed=${seed}`]))).jobs.map(({ id }) => id);
let first: Ended;

beforeAll(async () => {
  first = await run(runs);
}, 240_000);

describe("a run with seeds", () => {
  it("runs the jobs of each seed, the same as with that seed alone, and nothing else", async () => {
    expect(first.code).toBe(0);
    const jobs = [...new Set([...(await jobsOf(1)), ...(await jobsOf(2))])];
    expect(readdirSync(join(runs, "jobs")).sort()).toEqual(jobs.sort());
    expect(jobs.every((id) => readDone({ folder: runs }, id) !== null)).toBe(true);
  });

  it("has a folder with a report for each seed, and one for all", async () => {
    for (const one of ["seed-1", "seed-2", "."])
      for (const file of ["recipe.yaml", "jobs.json", "ledger.json", "report.html", "report.md", "tables/scores.csv"])
        expect(existsSync(join(runs, "many", one, file)), `${one}/${file}`).toBe(true);
    expect(existsSync(join(runs, "many", "seed-2", "journal.jsonl"))).toBe(true);
    expect(first.out).toContain("mean of seeds 1, 2 ± standard error");
    const again = await strata(["run", join(runs, "many", "seed-2"), "--json"]);
    expect(JSON.parse(again.out)).toMatchObject({ outcome: "finished", facts: { seed: 2 } });
    expect(existsSync(join(runs, "many", "jobs"))).toBe(false);
  }, 60_000);

  it("reports the mean of the seeds", async () => {
    const json = JSON.parse((await strata(["report", join(runs, "many"), "--json"])).out) as SeedsJson;
    expect(json.seeds).toEqual([1, 2]);
    for (const { name, scores } of json.strategies) {
      const { value, seeds } = scores.loss.loss;
      const each = [1, 2].map((seed) => {
        const ledger = JSON.parse(readFileSync(join(runs, "many", `seed-${seed}`, "ledger.json"), "utf8")) as {
          strategies: { name: string; scores: { metrics: { loss: { value: number } } }[] }[];
        };
        return ledger.strategies.find((one) => one.name === name)?.scores[0].metrics.loss.value;
      });
      expect(seeds.map((seed) => seed.value)).toEqual(each);
      expect(value).toBe(((each[0] as number) + (each[1] as number)) / 2);
    }
  }, 60_000);

  it("plans the jobs of all seeds", async () => {
    const { out } = await strata(["plan", recipe, "--runs", join(folder, "none"), ...set, "--json"]);
    const plan = JSON.parse(out) as { seeds: number[]; jobs: { id: string }[] };
    expect(plan.seeds).toEqual([1, 2]);
    expect(plan.jobs.map(({ id }) => id).sort()).toEqual(readdirSync(join(runs, "jobs")).sort());
  }, 60_000);

  it("killed and resumed, writes the same bytes", async () => {
    const other = join(folder, "other");
    for (const moment of [2500, 5000])
      await strata(["run", recipe, "--runs", other, ...set, "--quiet"], (child) =>
        setTimeout(() => child.kill("SIGKILL"), moment),
      );
    expect((await run(other, "--quiet")).code).toBe(0);
    const ids = readdirSync(join(runs, "jobs"));
    expect(outputsOf(other, ids)).toEqual(outputsOf(runs, ids));
  }, 240_000);
});

describe("runs side by side", () => {
  it("shows what differs and the results of each", async () => {
    const csv = join(folder, "both.csv");
    const folders = ["many", "many/seed-2"].map((name) => join(runs, name));
    const { code, out } = await strata(["compare", ...folders, "--csv", csv]);
    expect(code).toBe(0);
    const lines = out.split("\n");
    expect(lines[0]).toBe("Differences: seeds [1,2] | –; seed – | 2; data.problems.seed – | 2");
    expect(lines.filter((line) => /^both +[\d.]+ ±[\d.]+ /.test(line)).length).toBe(2);
    expect(readFileSync(csv, "utf8").split("\r\n").length).toBe(1 + 2 * 3 + 1);
  }, 60_000);

  it("refuses an unfinished run and an unknown evaluation", async () => {
    const none = await strata(["compare", recipe, "--runs", join(folder, "none")]);
    expect(none).toEqual({
      code: 1,
      out: "",
      err:
        `ReportError: ${join(folder, "none", "many")} — expected a finished run, got no run of this recipe.\n` +
        "  Run `strata run` with its recipe first; it continues where it stopped.\n",
    });
    const unknown = await strata(["compare", join(runs, "many"), "--evaluation", "answers"]);
    expect(unknown.err).toBe(
      "ReportError: the evaluation to compare — expected one of loss: loss; loss: perplexity; loss: bits_per_byte, " +
        "got answers.\n  Choose with --evaluation and --metric.\n",
    );
  }, 60_000);
});
