import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { planRun } from "../../src/run/graph/run-graph.js";
import { memoryFolder } from "../temporary-folder.js";
import { outputsOf, smallRecipe, writeSmallRecipe } from "./small-recipe.js";
import { strata } from "./strata.js";

it("two runs at once that share a store do each job once, and both end", async () => {
  const folder = memoryFolder();
  const runs = join(folder, "runs");
  const overrides = [
    "strategies=[slerp-1]",
    "evaluateAt=[]",
    "evaluation=[{name: loss, kind: loss, data: problems, documents: 4}]",
  ];
  const { jobs } = await planRun(await smallRecipe(folder, overrides));
  const arguments_ = [
    "run",
    writeSmallRecipe(folder),
    "--runs",
    runs,
    "--quiet",
    ...overrides.flatMap((set) => ["--set", set]),
  ];
  const both = await Promise.all([strata(arguments_), strata(arguments_)]);
  for (const ended of both) expect(ended).toEqual({ code: 0, out: "", err: "" });
  const ids = jobs.map(({ id }) => id);
  const timesDone = (id: string) =>
    readFileSync(join(runs, "jobs", id, "log.txt"), "utf8").match(/: done in /g)?.length;
  expect(ids.map(timesDone)).toEqual(ids.map(() => 1));
  const alone = join(folder, "alone");
  await strata([...arguments_, "--runs", alone]);
  expect(outputsOf(runs, ids)).toEqual(outputsOf(alone, ids));
});
