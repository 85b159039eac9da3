import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readDone, verifyOutputs } from "../../src/jobs/job-folder.js";
import { planRun, type RunPlan } from "../../src/run/graph/run-graph.js";
import { temporaryFolder } from "../temporary-folder.js";
import { makeSmallDisk } from "./small-disk.js";
import { outputsOf, smallRecipe, writeSmallRecipe } from "./small-recipe.js";
import { strata } from "./strata.js";

const disk = makeSmallDisk();
const reason = "reason" in disk ? ` (skipped: ${disk.reason})` : "";
let plan: RunPlan;
let recipePath: string;

beforeAll(async () => {
  const folder = temporaryFolder();
  recipePath = writeSmallRecipe(folder);
  plan = await planRun(await smallRecipe(folder));
});
afterAll(() => {
  if ("remove" in disk) disk.remove();
});

/** A run's output without its finished jobs and its progress. */
const failuresIn = (err: string) =>
  err
    .split("\n")
    .filter((line) => !/^(✓|pico:|\d+ of|\d+ %)/.test(line))
    .join("\n");

const fullDisk = new RegExp(
  "^FileError: /\\S+ — expected room to (write the file|finish the file|create the file|append to " +
    "the file|write the lock|start the job|" +
    "create the folder|copy the file|create the symbolic link|open the file), got a full disk \\(ENOSPC\\)\\.\n" +
    "  Free some space and run the same command again: finished work is kept\\.$",
);

it.skipIf("reason" in disk)(
  `a full disk ends a run with clear errors and no loss; with room it ends with the same bytes${reason}`,
  async () => {
    if ("reason" in disk) return;
    const store = { folder: join(disk.folder, "runs") };
    const doneIn = () => plan.jobs.map(({ id }) => id).filter((id) => readDone(store, id) !== null);
    const arguments_ = ["run", recipePath, "--runs", store.folder];
    const doneAfter: number[] = [];
    for (const kilobytes of [8, 16, 100, 300, 1000, 2000, 3000]) {
      disk.resize(1024 * kilobytes);
      const { code, out, err } = await strata(arguments_);
      expect([code, out]).toEqual([1, ""]);
      // Each failure is reported at once and again at the end; a run that cannot start reports only that.
      const failures = failuresIn(err)
        .split(/^(?:✗ [^:]+: |[^\n]+ failed \([\w-]+\):\n|Finished jobs are kept.*)/m)
        .map((text) => text.trimEnd())
        .filter((text) => text !== "");
      expect(failures.length).toBeGreaterThan(0);
      for (const failure of failures) expect(failure).toMatch(fullDisk);
      const done = doneIn();
      for (const id of done) await verifyOutputs(store, id, ".");
      expect(
        readdirSync(disk.folder, { recursive: true }).filter((name) => /\.partial$|lock$/.test(String(name))),
      ).toEqual([]);
      doneAfter.push(done.length);
    }
    expect(doneAfter).toEqual(doneAfter.toSorted((a, b) => a - b));
    expect(doneAfter.at(-1)).toBeGreaterThan(doneAfter[0]);
    disk.resize(64 * 1024 ** 2);
    const { code, err } = await strata(arguments_);
    expect([code, err.includes("✗")]).toEqual([0, false]);

    const undisturbed = join(temporaryFolder(), "runs");
    expect((await strata(["run", recipePath, "--runs", undisturbed, "--quiet"])).code).toBe(0);
    const ids = plan.jobs.map(({ id }) => id);
    expect(outputsOf(store.folder, ids)).toEqual(outputsOf(undisturbed, ids));
  },
  240_000,
);
