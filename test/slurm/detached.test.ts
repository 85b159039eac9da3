import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeFileAtomic } from "../../src/files/atomic-file.js";
import { takeLease } from "../../src/files/lease.js";
import { strata } from "../run/strata.js";
import { memoryFolder } from "../temporary-folder.js";
import { skipReason, startCluster, type Cluster } from "./cluster.mjs";
import { writeSlurmRecipe } from "./slurm-recipe.js";

const reason = skipReason();
const recipe = writeSlurmRecipe(memoryFolder());
let cluster: Cluster;

const newStore = (name = "runs") => join(memoryFolder(), name);
const setting = (...texts: readonly string[]) => texts.flatMap((text) => ["--set", text]);
const run = (runs: string, args: readonly string[], meanwhile: (child: ChildProcess) => void = () => {}) =>
  strata(["run", recipe, "--runs", runs, ...args], meanwhile, cluster.environment);
const ask = async (runs: string, command: string, ...args: string[]) => {
  const { out, err } = await strata([command, join(runs, "tiny"), ...args], () => {}, cluster.environment);
  return out + err;
};

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 90_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not so within 90 s: ${condition}`);
    await sleep(50);
  }
}

interface Steps {
  readonly check: string;
  readonly report: string;
}

const detach = async (runs: string, ...args: readonly string[]) =>
  (JSON.parse((await run(runs, ["--detach", "--json", ...args])).out) as { readonly steps: Steps }).steps;

describe.skipIf(reason !== null)(`detached runs${reason === null ? "" : ` (skipped: ${reason})`}`, () => {
  beforeAll(async () => {
    cluster = await startCluster(memoryFolder());
  });
  afterAll(() => cluster?.stop());

  it("a report that is in the queue waits for the strategies that were added since", async () => {
    const partition = (state: string) => cluster.run("scontrol", ["update", "PartitionName=main", `State=${state}`]);
    const runs = newStore("my runs");
    partition("DOWN");
    const first = await detach(runs, ...setting("baselines=[]"));
    const second = await detach(runs, ...setting("baselines=[]", "strategies=[slerp-1, slerp-2]"));
    expect(second).toEqual(first);
    const { jobs } = JSON.parse(await ask(runs, "status", "--json")) as {
      readonly jobs: readonly { readonly kind: string; readonly task: { readonly id: string } }[];
    };
    const waitsFor = cluster.run("squeue", ["-h", "-j", second.report, "-o", "%E"]);
    const evaluations = jobs.filter(({ kind }) => kind === "evaluate");
    expect(evaluations.length).toBeGreaterThan(1);
    for (const { task } of evaluations) expect(waitsFor).toContain(`${task.id}(`);
    const status = await ask(runs, "status");
    expect(status).toContain(`Report: job ${first.report} of Slurm (queued)\n`);
    await ask(runs, "cancel");
    expect(await ask(runs, "status")).toMatch(/Report: job \d+ of Slurm did not run: .*\n/);
    partition("UP");
  });

  it("a check that fails is named with its reason, and so is what did not run because of it", async () => {
    const runs = newStore();
    // The bound of the plan is above this, the exact number of sequences is below.
    const few = setting("strategies=[vanilla]", "baselines=[]", "evaluation=[]", "training.batchSize=9000");
    const { check, report } = await detach(runs, ...few);
    let status = "";
    await until(async () => (status = await ask(runs, "status")).includes("did not run"));
    expect(status).toContain(`Check of the data: job ${check} of Slurm (failed)\n`);
    expect(status).toContain(`Report: job ${report} of Slurm did not run`);
    expect(status).toMatch(
      /\nCheck of the data failed \(job \d+ of Slurm\):\nPlanError: .* — expected at most \d+ seq/,
    );
  });

  it("what a task printed before the program began is its failure and its log; its lock counts no more", async () => {
    const runs = newStore();
    await detach(runs, ...setting("machine.executor={slurm: {prelude: [echo no such module, exit 7]}}"));
    let status = "";
    const shown = /got FAILED in Slurm \(NonZeroExitCode\)\.\n.*\nThe end of its output, .*\.0\.out:\nno such module\n/;
    await until(async () => shown.test((status = await ask(runs, "status"))));
    expect(status).toMatch(/failed +tokenizer-/);
    const tokenizer = readdirSync(join(runs, "jobs")).find((id) => id.startsWith("tokenizer-")) as string;
    expect(await ask(runs, "logs", tokenizer)).toMatch(/The job has no log\. .*no such module|no such module/);
    writeFileAtomic(join(runs, "jobs", tokenizer, "lock"), "node-2-0123abcd-7-7\n000000000000");
    expect(await ask(runs, "status")).toMatch(shown);
  });

  it("Ctrl-C ends the submission while Slurm does not answer, and frees its lock", async () => {
    const runs = newStore();
    const lock = join(runs, "slurm/lock");
    mkdirSync(join(runs, "slurm"), { recursive: true });
    const lease = await takeLease(lock);
    let child: ChildProcess | null = null;
    const running = run(runs, ["--detach"], (one) => (child = one));
    await until(() => existsSync(join(runs, "tiny/watchers")));
    await cluster.stopDaemon("slurmctld");
    lease.release();
    await until(() => existsSync(lock));
    await sleep(1000);
    const pressed = performance.now();
    (child as ChildProcess | null)?.kill("SIGINT");
    const { code, err } = await running;
    expect(performance.now() - pressed).toBeLessThan(8000);
    expect([code, err]).toEqual([130, expect.stringMatching(/^Interrupted: submitted jobs continue; .*\n$/m)]);
    expect(existsSync(lock)).toBe(false);
    await cluster.startDaemon("slurmctld");
  });

  it("the time at which the user wants jobs to begin is kept", async () => {
    const runs = newStore();
    let child: ChildProcess | null = null;
    const begin = setting("machine.executor={slurm: {options: [--begin=now+1hour]}}");
    const running = run(runs, ["--slurm", ...begin], (one) => (child = one));
    const queued = () => cluster.run("squeue", ["-h", "-t", "PD", "-o", "%j %r"]);
    await until(() => queued().includes("BeginTime"));
    // Several looks at the queue.
    await sleep(4000);
    expect(queued()).toMatch(/^strata-tiny-\w+ BeginTime$/m);
    (child as ChildProcess | null)?.kill("SIGINT");
    expect((await running).code).toBe(130);
    await ask(runs, "cancel");
  });
});
