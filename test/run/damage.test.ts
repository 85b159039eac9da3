import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Job } from "../../src/jobs/job.js";
import { planRun, type RunPlan } from "../../src/run/graph/run-graph.js";
import { leaseHolder } from "../../src/files/lease.js";
import type { Writer } from "../../src/files/writer.js";
import { memoryFolder } from "../temporary-folder.js";
import { copyPrepared, outputsOf, smallRecipe, writeSmallRecipe } from "./small-recipe.js";
import { strata, type Ended } from "./strata.js";

/** Long enough to be caught in the middle of a part. */
const overrides = [
  "training.amount.steps=400",
  "training.checkpointSteps=10",
  "strategies=[vanilla, slerp-1]",
  "baselines=[vanilla]",
  "evaluateAt=[]",
  "evaluation=[{name: loss, kind: loss, data: problems, documents: 4}]",
];
const recipeFolder = memoryFolder();
const recipePath = writeSmallRecipe(recipeFolder);
const undisturbed = join(memoryFolder(), "runs");
let plan: RunPlan;
let vanilla: Job;
let expected: Record<string, string>;

const run = (runs: string, meanwhile: Parameters<typeof strata>[1] = undefined) =>
  strata(["run", recipePath, "--runs", runs, ...overrides.flatMap((set) => ["--set", set])], meanwhile);
const inJob = (runs: string, { id }: Job, name: string) => join(runs, "jobs", id, name);
const ids = () => plan.jobs.map(({ id }) => id);
/** A store in which the trainings can start. */
const preparedStore = () => {
  const runs = join(memoryFolder(), "runs");
  copyPrepared(plan, undisturbed, runs);
  return runs;
};
/** Calls `act` as soon as a file exists. */
const once = (path: string, act: () => void) => {
  const timer = setInterval(() => {
    if (!existsSync(path)) return;
    clearInterval(timer);
    act();
  }, 3);
};
/** The end of the output, which repeats the failures. */
const endOf = ({ err }: Ended, { id, title }: Job) => err.slice(err.lastIndexOf(`${title} failed (${id}):`));
const goOn = "Finished jobs are kept. Fix the cause and run the same command again.\n";

beforeAll(async () => {
  plan = await planRun(await smallRecipe(recipeFolder, overrides));
  [[vanilla]] = plan.strategies[0].parts;
  expect((await run(undisturbed)).code).toBe(0);
  expected = outputsOf(undisturbed, ids());
});

describe("a part that was interrupted", () => {
  it("refuses a checkpoint that is cut off, and says what to remove; without it the bytes are the same", async () => {
    const runs = preparedStore();
    const checkpoint = inJob(runs, vanilla, "checkpoint.safetensors");
    const stopped = await run(runs, (process) => once(checkpoint, () => process.kill("SIGINT")));
    expect(stopped.code).toBe(130);
    expect(stopped.err.endsWith("Interrupted. Run the same command again to resume from the checkpoints.\n")).toBe(
      true,
    );
    expect(existsSync(inJob(runs, vanilla, "done.json"))).toBe(false);
    const { size } = statSync(checkpoint);
    truncateSync(checkpoint, size - 1000);
    const refused = await run(runs);
    expect(refused.code).toBe(1);
    expect(endOf(refused, vanilla)).toMatch(
      new RegExp(
        `^${vanilla.title} failed \\(${vanilla.id}\\):\n` +
          `CheckpointError: ${checkpoint} v/model\\.[a-z0-9_.]+ — expected data up to byte \\d+, got a ` +
          `file of ${size - 1000}\\.\n` +
          "  The file is truncated or damaged: remove it and run again, or copy it again from " +
          `its source\\.\n${goOn}$`,
      ),
    );
    rmSync(checkpoint);
    expect((await run(runs)).code).toBe(0);
    expect(outputsOf(runs, ids())).toEqual(expected);
  });

  it(
    "because its process was killed fails with the end of its log; all that does not need it is " +
      "finished, and a second run ends with the same bytes",
    async () => {
      const runs = preparedStore();
      const [part] = plan.strategies[1].parts[0];
      const log = inJob(runs, part, "log.txt");
      const killed = await run(runs, () =>
        once(inJob(runs, part, "checkpoint.safetensors"), () =>
          process.kill((leaseHolder(inJob(runs, part, "lock")) as Writer).pid, "SIGKILL"),
        ),
      );
      expect(killed.code).toBe(1);
      const lines = readFileSync(log, "utf8").trimEnd();
      expect(lines).toMatch(/^train layers 0-1 on shard 1: process \d+ with 1 thread$/);
      expect(endOf(killed, part)).toBe(
        `${part.title} failed (${part.id}):
RunError: ${part.title} (${part.id}) — expected its process to exit normally, got killed by SIGKILL.
  Run the same command again: it resumes from the last checkpoint. If the system killed the process because memory ran out, lower \`machine.parallel\`.
The end of its log:
${lines}
${goOn}`,
      );
      const [merge] = plan.strategies[1].merges;
      const unfinished = ids().filter((id) => !existsSync(join(runs, "jobs", id, "done.json")));
      expect(unfinished).toEqual([part.id, merge.id, plan.strategies[1].evaluation.id]);
      expect((await run(runs)).code).toBe(0);
      expect(outputsOf(runs, ids())).toEqual(expected);
    },
  );
});

describe("what was damaged after it was written", () => {
  it("is refused by name where a job needs it: a shard with one wrong byte", async () => {
    const runs = undisturbed;
    const shard = inJob(runs, plan.shardsJob, "shard-0.tokens");
    const bytes = readFileSync(shard);
    const folder = join(runs, "jobs", plan.shardsJob.id);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(shard, bytes);
    rmSync(join(runs, "jobs", vanilla.id), { recursive: true });
    const refused = await run(runs);
    expect(refused.code).toBe(1);
    const end = endOf(refused, vanilla);
    expect(end.replace(/[0-9a-f]{16}…/g, "HASH")).toBe(
      `${vanilla.title} failed (${vanilla.id}):
CheckpointError: ${shard} — expected sha256 HASH, got HASH.
  The file was damaged after it was written: remove the folder ${folder} and run again; only this job is repeated.
${goOn}`,
    );
    rmSync(folder, { recursive: true });
    expect((await run(runs)).code).toBe(0);
    expect(outputsOf(runs, ids())).toEqual(expected);
  });

  it("is refused by name if it is the record of a job; without the job's folder the job runs again", async () => {
    const done = inJob(undisturbed, vanilla, "done.json");
    truncateSync(done, statSync(done).size >> 1);
    const folder = join(undisturbed, "jobs", vanilla.id);
    expect(await run(undisturbed)).toMatchObject({
      code: 1,
      err: `CheckpointError: ${done} — expected a record that ends with its sha256, got other content.
  The file was damaged after it was written: remove the folder ${folder} and run again; only this job is repeated.
`,
    });
    rmSync(folder, { recursive: true });
    const again = await run(undisturbed);
    expect(again.code).toBe(0);
    expect(again.err).toContain(`${plan.jobs.length - 1} of ${plan.jobs.length} jobs are already done`);
    expect(outputsOf(undisturbed, ids())).toEqual(expected);
  });
});
