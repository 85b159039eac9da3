import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../temporary-folder.js";
import { skipReason, startCluster, type Cluster } from "./cluster.mjs";

const reason = skipReason();
const folder = temporaryFolder();
let cluster: Cluster;

const submit = (...args: string[]) => cluster.run("sbatch", ["--parsable", `--chdir=${folder}`, ...args]);
const states = (ids: readonly string[]) =>
  cluster.run("squeue", ["-h", "-t", "all", "-j", ids.join(), "-o", "%T"]).split("\n");
const isAlive = (pid: number) => existsSync(`/proc/${pid}`);

describe.skipIf(reason !== null)(`a private Slurm${reason === null ? "" : ` (skipped: ${reason})`}`, () => {
  beforeAll(async () => {
    cluster = await startCluster(temporaryFolder());
  });
  afterAll(() => cluster?.stop());

  it("runs an array on its pretend GPUs, and a job that depends on it afterwards", async () => {
    const part = 'echo "$SLURM_ARRAY_TASK_ID on $CUDA_VISIBLE_DEVICES" > part-$SLURM_ARRAY_TASK_ID';
    const array = submit("--array=0-2", "--gres=gpu:1", "--output=/dev/null", "--wrap", part);
    const after = [`--dependency=afterok:${array}`, "--kill-on-invalid-dep=yes", "--output=/dev/null"];
    const merge = submit(...after, "--wrap", "cat part-* > merged");
    expect(await cluster.waitForJobs(60)).toBe(true);
    expect(new Set(states([array, merge]))).toEqual(new Set(["COMPLETED"]));
    expect(readFileSync(join(folder, "merged"), "utf8")).toMatch(/^0 on [0-3]\n1 on [0-3]\n2 on [0-3]\n$/);
  });

  it("cancels what depends on a failed job", async () => {
    const failed = submit("--output=/dev/null", "--wrap", "exit 3");
    const dependent = submit(`--dependency=afterok:${failed}`, "--kill-on-invalid-dep=yes", "--wrap", "true");
    expect(await cluster.waitForJobs(60)).toBe(true);
    expect([states([failed]), states([dependent])]).toEqual([["FAILED"], ["CANCELLED"]]);
  });

  it("keeps a running job when the controller restarts and the node's daemon is killed", async () => {
    const job = submit("--output=/dev/null", "--wrap", "touch begun; sleep 4; touch survived");
    for (let i = 0; i < 200 && !existsSync(join(folder, "begun")); i++)
      await new Promise((done) => setTimeout(done, 50));
    await cluster.stopDaemon("slurmctld");
    await cluster.stopDaemon("slurmd", "SIGKILL");
    await cluster.startDaemon("slurmctld");
    await cluster.startDaemon("slurmd");
    expect(await cluster.waitForJobs(60)).toBe(true);
    expect(states([job])).toEqual(["COMPLETED"]);
    expect(existsSync(join(folder, "survived"))).toBe(true);
  });

  it("leaves no process when it stops, not even a job's", async () => {
    submit("--output=/dev/null", "--wrap", `echo $$ > ${folder}/pid; exec sleep 600`);
    const pidFile = join(folder, "pid");
    for (let i = 0; i < 200 && !existsSync(pidFile); i++) await new Promise((done) => setTimeout(done, 50));
    const pids = [...Object.values(cluster.pids()), Number(readFileSync(pidFile, "utf8"))];
    expect(pids.length).toBe(4);
    expect(pids.every(isAlive)).toBe(true);
    await cluster.stop();
    expect(pids.filter(isAlive)).toEqual([]);
  });
});
