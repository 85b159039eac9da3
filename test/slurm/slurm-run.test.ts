import type { ChildProcess } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leaseHolder } from "../../src/files/lease.js";
import type { Writer } from "../../src/files/writer.js";
import type { Job } from "../../src/jobs/job.js";
import type { Submission } from "../../src/jobs/slurm/submissions.js";
import { strata, type Ended } from "../run/strata.js";
import { memoryFolder } from "../temporary-folder.js";
import { skipReason, startCluster, type Cluster } from "./cluster.mjs";
import { allOutputs, writeSlurmRecipe } from "./slurm-recipe.js";

const reason = skipReason();
const recipe = writeSlurmRecipe(memoryFolder());
let cluster: Cluster;

const newStore = () => join(memoryFolder(), "runs");
const run = (runs: string, ...args: string[]): Promise<Ended> =>
  strata(["run", recipe, "--runs", runs, ...args], () => {}, cluster.environment);
const ask = (runs: string, command: string, ...args: string[]) =>
  strata([command, join(runs, "tiny"), ...args], () => {}, cluster.environment);

async function until(condition: () => boolean, seconds = 60): Promise<void> {
  const end = performance.now() + 1000 * seconds;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not so within ${seconds} s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

interface Queued {
  readonly id: string;
  readonly state: string;
  readonly title: string;
  readonly task: { readonly id: string } | null;
}

const statusOf = async (runs: string) =>
  JSON.parse((await ask(runs, "status", "--json")).out) as { readonly jobs: readonly Queued[] };

/** The file of jobs of a kind; of all with the kind `*`. */
const inJob = (runs: string, kind: string, file: string) =>
  (existsSync(join(runs, "jobs")) ? readdirSync(join(runs, "jobs")) : [])
    .filter((id) => kind === "*" || id.startsWith(`${kind}-`))
    .map((id) => join(runs, "jobs", id, file));

/** How often each job was begun. */
const begun = (runs: string) =>
  inJob(runs, "*", "log.txt").map((log) => readFileSync(log, "utf8").match(/: process \d+ with/g)?.length);

describe.skipIf(reason !== null)(`runs by Slurm${reason === null ? "" : ` (skipped: ${reason})`}`, () => {
  const local = newStore();
  let expected: Record<string, string>;

  beforeAll(async () => {
    cluster = await startCluster(memoryFolder());
    expect((await run(local)).code).toBe(0);
    expected = allOutputs(local);
  });
  afterAll(() => cluster?.stop());

  it("give the bytes of a local run, each job once, while a daemon is killed and the watcher leaves", async () => {
    const runs = newStore();
    let watcher: ChildProcess | null = null;
    const watching = strata(
      ["run", recipe, "--runs", runs, "--slurm"],
      (child) => (watcher = child),
      cluster.environment,
    );
    await until(() => inJob(runs, "train", "progress.json").some(existsSync));
    await cluster.stopDaemon("slurmd", "SIGKILL");
    (watcher as ChildProcess | null)?.kill("SIGINT");
    const left = await watching;
    expect(left.code).toBe(130);
    expect(left.err).toMatch(/Detached: submitted jobs continue\. Watch: .* strata status .*; end: strata cancel/);
    await cluster.startDaemon("slurmd");
    const { code, err, out } = await run(runs, "--slurm");
    expect([code, err.includes("failed")]).toEqual([0, false]);
    expect(out).toContain("slerp-1");
    expect(allOutputs(runs)).toEqual(expected);
    expect(new Set(begun(runs))).toEqual(new Set([1]));
  });

  it("continue to the report unwatched, parts of a round as one array; `strata cancel` ends all of it", async () => {
    const runs = newStore();
    const { code, out } = await run(runs, "--detach");
    expect(code).toBe(0);
    expect(out).toMatch(/jobs of tiny submitted; the report is job \d+/);
    const parts = (await statusOf(runs)).jobs.filter(({ title }) => title.startsWith("train layers"));
    expect(new Set(parts.map(({ task }) => task?.id.split("_")[0])).size).toBe(1);
    await until(() => inJob(runs, "train", "checkpoint.safetensors").some(existsSync));
    expect((await ask(runs, "cancel")).out).toMatch(/^Stopped: \d+ jobs? of Slurm\. `strata run` resumes\.\n$/);
    expect(await cluster.waitForJobs(30)).toBe(true);
    expect(existsSync(join(runs, "tiny/report.html"))).toBe(false);
    expect((await run(runs, "--detach")).code).toBe(0);
    await until(() => existsSync(join(runs, "tiny/report.html")));
    expect(await cluster.waitForJobs(20)).toBe(true);
    expect(allOutputs(runs)).toEqual(expected);
    expect((await ask(runs, "status")).out).toMatch(/100 %, \d+ jobs: \d+ done\nReport: .*report\.html/);
    expect((await ask(runs, "logs", "cut 4 shards")).out).toMatch(/^cut 4 shards: process \d+ with 1 thread\n/);
  });

  // These two leave the daemons and the jobs of each other alone.
  it.concurrent("resume what was killed, name what was cancelled, let the rest continue, and resume that", async () => {
    const runs = newStore();
    const watching = run(runs, "--slurm");
    await until(() => inJob(runs, "train", "checkpoint.safetensors").filter(existsSync).length > 1);
    const inFolder = (folder: string, name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));
    const [first, second] = inJob(runs, "train", "checkpoint.safetensors").filter(existsSync).map(dirname);
    cluster.run("scancel", [(inFolder(first, "slurm.json") as Submission).task]);
    process.kill((leaseHolder(join(second, "lock")) as Writer).pid, "SIGKILL");
    const failed = await watching;
    expect(failed.code).toBe(1);
    expect(failed.err).toMatch(/expected its process to exit normally, got cancelled in Slurm \(scancel\)/);
    expect(failed.err).toContain(`✓ ${(inFolder(second, "job.json") as Job).title}\n`);
    expect((await ask(runs, "status")).out).toMatch(/failed/);
    const resumed = await run(runs, "--slurm");
    expect(resumed.code).toBe(0);
    expect(allOutputs(runs)).toEqual(expected);
  });

  it.concurrent("report a job's own failure, and that of a script, and skip what needs it", async () => {
    const runs = newStore();
    cpSync(local, runs, { recursive: true });
    for (const kind of ["train", "merge", "evaluate"])
      for (const done of inJob(runs, kind, "done.json")) rmSync(done, { force: true });
    const [shard] = inJob(runs, "shards", "shard-0.tokens");
    truncateSync(shard, 10);
    const own = await run(runs, "--slurm");
    expect(own.code).toBe(1);
    expect(own.err).toMatch(/CheckpointError: .*shard-0\.tokens — expected \d+ bytes, got 10 bytes/);
    expect(own.err).not.toMatch(/(merge|evaluate) slerp-1 failed/);
    const script = await run(
      newStore(),
      "--slurm",
      "--set",
      "machine.executor={slurm: {prelude: [echo no such module, exit 7]}}",
    );
    expect(script.code).toBe(1);
    expect(script.err).toMatch(
      /tokenizer failed[^]*got FAILED in Slurm \(NonZeroExitCode\)[^]*output, .*\.0\.out:\nno such module\n/,
    );
  });
});
