import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { readJournal } from "../../src/files/journal.js";
import { loadRecipe } from "../../src/recipe/load-recipe.js";
import { memoryFolder } from "../temporary-folder.js";
import { strata, type Ended } from "../run/strata.js";
import { writeSearchRecipe } from "./search-recipe.js";

const definition = "{ baseline: { training.learningRate: [5.0e-3, 2.0e-2] }, values: { strategies.0.rounds: [1, 2] } }";
const folder = memoryFolder();
const recipe = writeSearchRecipe(folder, definition);
const runs = join(folder, "runs");
let first: Ended;

interface Row {
  readonly phase: string;
  readonly id: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly share: number;
  readonly result: { readonly strategy: string; readonly value: number; readonly shareOfVanilla: number } | null;
  readonly failure: string | null;
}

const leaderboardOf = ({ out }: Ended) => (JSON.parse(out) as { candidates: Row[] }).candidates;
/** Without durations, which differ from run to run. */
const resultsOf = (rows: readonly Row[]) =>
  rows.map(({ id, values, share, result }) => [id, values, share, result?.strategy, result?.value]);
const trainings = (store: string) =>
  readdirSync(join(store, "jobs"))
    .filter((name) => name.startsWith("train-"))
    .map((name) => readFileSync(join(store, "jobs", name, "log.txt"), "utf8").match(/: done in /g)?.length);
const search = (store: string, ...more: readonly string[]) =>
  strata(["search", recipe, "--runs", store, "--json", ...more]);

beforeAll(async () => {
  first = await search(runs);
}, 240_000);

describe("a search", () => {
  it("tunes vanilla first, and tries the strategies with the best values of vanilla", async () => {
    expect(first.err).toBe("");
    expect(first.code).toBe(0);
    const rows = leaderboardOf(first);
    expect(rows.map(({ phase }) => phase)).toEqual(["vanilla", "vanilla", "strategies", "strategies"]);
    const [best] = rows;
    const candidate = await loadRecipe(join(runs, "found-search", "strategies-1", "recipe.yaml"), []);
    expect(candidate.training.learningRate).toBe(best.values["training.learningRate"]);
    expect(candidate.strategies).toMatchObject([{ name: "both", rounds: 1 }]);
  });

  it("has the best candidate of each phase first", () => {
    const rows = leaderboardOf(first);
    for (const phase of ["vanilla", "strategies"]) {
      const values = rows.filter((row) => row.phase === phase).map(({ result }) => result!.value);
      expect(values).toEqual(values.toSorted((a, b) => a - b));
    }
    const csv = readFileSync(join(runs, "found", "search", "leaderboard.csv"), "utf8")
      .trimEnd()
      .split("\r\n");
    expect(csv.length).toBe(1 + rows.length);
    expect(csv[1].split(",").slice(0, 3)).toEqual(["vanilla", "1", rows[0].id]);
  });

  it("trains what candidates share once", () => {
    // Two for vanilla; two workers in one round, and in two.
    expect(trainings(runs)).toEqual(Array.from({ length: 2 + 2 + 4 }, () => 1));
  });

  it("keeps the models of the best candidates only, and the records of all", () => {
    const models = readdirSync(join(runs, "jobs")).filter((name) => name.startsWith("train-"));
    const kept = models.filter((name) => existsSync(join(runs, "jobs", name, "model", "model.safetensors")));
    const rounds = leaderboardOf(first)[2].values["strategies.0.rounds"] as number;
    expect(kept.length).toBe(1 + 2 * rounds);
    for (const name of models) expect(existsSync(join(runs, "jobs", name, "done.json"))).toBe(true);
  });

  it("writes the best recipe with its evidence; running it trains nothing again", async () => {
    const path = join(runs, "found", "search", "winner.yaml");
    const text = readFileSync(path, "utf8");
    const [vanilla, , strategies] = leaderboardOf(first);
    for (const part of ["# Method: grid", "Vanilla, tuned first: 2 candidates", "Strategies: 2 candidates", "Machine:"])
      expect(text).toContain(part);
    const winner = await loadRecipe(path, []);
    expect(winner).toMatchObject({
      name: "found-winner",
      training: { learningRate: vanilla.values["training.learningRate"] },
      strategies: [{ name: "both", rounds: strategies.values["strategies.0.rounds"] }],
    });
    expect(winner.search).toBe(undefined);
    const ran = await strata(["run", path, "--runs", runs, "--json"]);
    expect(ran.code).toBe(0);
    expect(trainings(runs)).toEqual(Array.from({ length: 8 }, () => 1));
    const { facts } = JSON.parse(ran.out) as {
      facts: { strategies: { name: string; scores: { metrics: { loss: { value: number } } }[] }[] };
    };
    const both = facts.strategies.find(({ name }) => name === "both");
    expect(both?.scores[0].metrics.loss.value).toBe(strategies.result!.value);
  }, 120_000);

  it("run again, has the same leaderboard and trains nothing", async () => {
    const again = await search(runs);
    expect(leaderboardOf(again)).toEqual(leaderboardOf(first));
    expect(trainings(runs)).toEqual(Array.from({ length: 8 }, () => 1));
  }, 120_000);

  it("killed at several moments and run again, ends with the same leaderboard", async () => {
    const other = join(folder, "other");
    for (const moment of [1500, 4000, 5000])
      await strata(["search", recipe, "--runs", other, "--quiet"], (run) =>
        setTimeout(() => run.kill("SIGKILL"), moment),
      );
    const last = await search(other);
    expect(last.code).toBe(0);
    expect(resultsOf(leaderboardOf(last))).toEqual(resultsOf(leaderboardOf(first)));
    const ends = readJournal<{ event: string; rung: string }>(join(other, "found", "search", "journal.jsonl"));
    expect(ends.filter(({ event }) => event === "end").map(({ rung }) => rung)).toEqual([
      "vanilla 1 of 1",
      "strategies 1 of 1",
    ]);
  }, 240_000);

  it("keeps to its budget of runs, for each phase", async () => {
    const rows = leaderboardOf(await search(runs, "--candidates", "1"));
    expect(rows.map(({ id }) => id)).toEqual(["vanilla-1", "strategies-1"]);
  }, 120_000);

  it("keeps to its budget of minutes: what is done counts with its recorded seconds", async () => {
    const rows = leaderboardOf(await search(runs, "--minutes", "0.0001", "--set", "machine.parallel=1"));
    expect(rows.map(({ id }) => id)).toEqual(["vanilla-1", "strategies-1"]);
  }, 120_000);

  it("does not count strategies that take too long", async () => {
    const none = await search(runs, "--set", "search.maxShareOfVanilla=0.0001");
    expect(none.code).toBe(1);
    expect(none.err).toBe("No candidate has a result:\nno strategy is within search.maxShareOfVanilla\n");
    expect(leaderboardOf(none).slice(2)).toMatchObject([{ result: null }, { result: null }]);
  }, 120_000);

  it("refuses a path that no candidate can have, before it trains", async () => {
    const wrong = join(folder, "wrong");
    const { code, err } = await search(wrong, "--set", 'search.values={"strategies.7.rounds": [1, 2]}');
    expect(code).toBe(2);
    expect(err).toContain("expected an index from 0 to 1 of the list strategies");
    expect(existsSync(join(wrong, "jobs"))).toBe(false);
  });
});

it("a candidate that fails does not stop the others", async () => {
  const path = writeSearchRecipe(folder, "{ values: { training.batchSize: [4, 100000] } }", "partly");
  const { code, out } = await strata(["search", path, "--runs", runs, "--json"]);
  expect(code).toBe(0);
  const rows = leaderboardOf({ code, out, err: "" });
  expect(rows[0]).toMatchObject({ id: "strategies-1", failure: null });
  expect(rows[1].id).toBe("strategies-2");
  expect(rows[1].failure).toContain("expected");
  expect(statSync(join(runs, "partly", "search", "winner.yaml")).size).toBeGreaterThan(0);
}, 120_000);

it("halving gives the better half more training", async () => {
  const halving = "{ method: halving, eta: 2, rungs: 2, baseline: { training.learningRate: [1.0e-4, 2.0e-2] } }";
  const path = writeSearchRecipe(folder, halving, "halved");
  const ended = await strata(["search", path, "--runs", join(folder, "runs"), "--json"]);
  expect(ended.code).toBe(0);
  const rows = leaderboardOf(ended);
  expect(rows.map(({ share }) => share)).toEqual([1, 0.5]);
  expect(rows[0].values).toEqual({ "training.learningRate": 2e-2 });
}, 120_000);
