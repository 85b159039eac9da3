import type { ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leaseHolder } from "../../src/files/lease.js";
import type { Writer } from "../../src/files/writer.js";
import { strata } from "../run/strata.js";
import { memoryFolder } from "../temporary-folder.js";
import { skipReason, startCluster, type Cluster } from "./cluster.mjs";
import { allOutputs, writeSlurmRecipe } from "./slurm-recipe.js";

const reason = skipReason();
const recipe = writeSlurmRecipe(memoryFolder());
let cluster: Cluster;

const newStore = () => join(memoryFolder(), "runs");
const run = (runs: string, args: readonly string[], meanwhile: (child: ChildProcess) => void = () => {}) =>
  strata(["run", recipe, "--runs", runs, ...args], meanwhile, cluster.environment);

/** Stops the training that starts next for some seconds, so that it meets its time limit. */
async function stopFor(seconds: number, runs: string): Promise<void> {
  const sleep = (time: number) => new Promise((resolve) => setTimeout(resolve, time));
  const training = () =>
    existsSync(join(runs, "jobs"))
      ? readdirSync(join(runs, "jobs")).find(
          (id) => id.startsWith("train-") && existsSync(join(runs, "jobs", id, "progress.json")),
        )
      : undefined;
  while (training() === undefined) await sleep(20);
  const { pid } = leaseHolder(join(runs, "jobs", training() as string, "lock")) as Writer;
  process.kill(pid, "SIGSTOP");
  await sleep(1000 * seconds);
  try {
    process.kill(pid, "SIGCONT");
  } catch {
    // Slurm has let it continue itself.
  }
}

/** Ended jobs count, as long as the controller remembers them. */
const maxJobs = 3;

describe.skipIf(reason !== null)(`limits of Slurm${reason === null ? "" : ` (skipped: ${reason})`}`, () => {
  beforeAll(async () => {
    cluster = await startCluster(memoryFolder(), { maxJobs, minJobAgeSeconds: 2 });
  });
  afterAll(() => cluster?.stop());

  it("a submission that waits for room ends by Ctrl-C and says that what is submitted continues", async () => {
    const runs = newStore();
    const { code, err } = await run(runs, ["--detach"], (child) =>
      child.stderr?.on("data", (text) => String(text).includes("The queue has no room") && child.kill("SIGINT")),
    );
    expect([code, err]).toEqual([
      130,
      expect.stringMatching(/^Interrupted: submitted jobs continue; .* strata status /m),
    ]);
    expect(err).not.toContain("AbortError");
    await strata(["cancel", join(runs, "tiny")], () => {}, cluster.environment);
  });

  it("a queue without room for all jobs and a time limit of a minute change no byte", async () => {
    const longer = ["--set", "training.amount={steps: 5000}", "--set", "strategies=[vanilla]", "--set", "baselines=[]"];
    const local = newStore();
    expect((await run(local, longer)).code).toBe(0);
    const runs = newStore();
    // The signal comes ten to forty seconds after the start: the controller looks every thirty.
    const settings = "machine.executor={slurm: {time: 1, signalSeconds: 50}}";
    const running = run(runs, [...longer, "--set", settings]);
    await stopFor(36, runs);
    const { code, err } = await running;
    expect([code, err]).toEqual([0, expect.stringContaining("The queue has no room for all jobs now")]);
    expect(err.match(/The queue has no room/g)?.length).toBeLessThan(maxJobs);
    expect(allOutputs(runs)).toEqual(allOutputs(local));
    const training = readdirSync(join(runs, "jobs")).find((id) => id.startsWith("train-")) as string;
    const log = readFileSync(join(runs, "jobs", training, "log.txt"), "utf8");
    expect(log.match(/: process \d+ with 1 thread/g)?.length).toBeGreaterThan(1);
    expect(existsSync(join(runs, "jobs", training, "failure.json"))).toBe(false);
  });
});
