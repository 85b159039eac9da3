import { describe, expect, it } from "vitest";
import type { Job } from "../../src/jobs/job.js";
import { arrayGroups } from "../../src/jobs/slurm/array-groups.js";
import { taskEnd, type QueuedTask } from "../../src/jobs/slurm/queue.js";
import { arrayScript, sbatchArguments, scriptName } from "../../src/jobs/slurm/script.js";
import { parseTime, requestOf } from "../../src/jobs/slurm/settings.js";
import { mayPass } from "../../src/jobs/slurm/slurm-commands.js";

function job(id: string, ...inputs: readonly string[]): Job {
  return {
    id,
    kind: id.replace(/-.*/, ""),
    title: id,
    parameters: {},
    inputs: Object.fromEntries(inputs.map((input) => [input, { job: input, path: "." }])),
    flops: 0,
    exclusive: false,
  };
}

const idsOf = (jobs: readonly Job[], done: readonly string[] = [], maxTasks = 100) =>
  arrayGroups(
    jobs.filter(({ id }) => !done.includes(id)),
    new Map(jobs.map((one) => [one.id, one])),
    (id) => !done.includes(id),
    () => "",
    maxTasks,
  ).map((group) => [group.jobs.map(({ id }) => id).join(" "), group.after.join(" ")]);

describe("arrays", () => {
  const rounds = [
    job("data"),
    job("train-a", "data"),
    job("train-b", "data"),
    // Parts of the second round read the moments of the first, which the merge waits for anyway.
    job("train-c", "data", "merge-1", "train-a"),
    job("train-d", "data", "merge-1", "train-b"),
    job("merge-1", "train-a", "train-b"),
    job("merge-2", "train-c", "train-d"),
  ];

  it("have the parts of a round, and follow the arrays that they wait for", () => {
    expect(idsOf(rounds)).toEqual([
      ["data", ""],
      ["train-a train-b", "data"],
      ["merge-1", "train-a train-b"],
      ["train-c train-d", "merge-1"],
      ["merge-2", "train-c train-d"],
    ]);
  });

  it("do not wait for what is done", () => {
    expect(idsOf(rounds, ["data", "train-a", "train-b", "merge-1", "train-c"])).toEqual([
      ["train-d", ""],
      ["merge-2", "train-d"],
    ]);
  });

  it("have at most as many tasks as the cluster permits", () => {
    const parts = [0, 1, 2, 3, 4].map((i) => job(`train-${i}`));
    expect(idsOf(parts, [], 2).map(([ids]) => ids)).toEqual(["train-0 train-1", "train-2 train-3", "train-4"]);
  });
});

it("sbatch is given task numbers as ranges, a limit, and single tasks to wait for", () => {
  expect(sbatchArguments({ tasks: [0, 1, 2, 5, 7, 8], after: ["12_0", "13"] }, { array: 3 })).toEqual([
    "--parsable",
    "--array=0-2,5,7-8%3",
    "--dependency=afterok:12_0:13",
  ]);
});

it("times are read in all of Slurm's forms", () => {
  const times = { "90": 5400, "1:30": 90, "2:00:00": 7200, "1-12": 129600, "2-01:30": 178200, "1-00:00:05": 86405 };
  for (const [text, seconds] of Object.entries(times)) expect([text, parseTime(text)]).toEqual([text, seconds]);
  expect(parseTime("infinite")).toBe(null);
});

it("requests are the plan's numbers with a margin, within the partition, unless the recipe sets them", () => {
  const needs = { memoryBytes: 2e9, seconds: 36_000 };
  expect(requestOf({}, needs, 4, Infinity)).toEqual({ cpus: 4, memory: "2400M", time: "1-06:00:00" });
  expect(requestOf({}, needs, 4, 7200)).toEqual({ cpus: 4, memory: "2400M", time: "02:00:00" });
  expect(requestOf({}, { memoryBytes: 0, seconds: 0 }, 1, Infinity)).toEqual({
    cpus: 1,
    memory: "500M",
    time: "00:10:00",
  });
  expect(requestOf({ memory: "3G", time: "5" }, needs, 1, 60)).toEqual({ cpus: 1, memory: "3G", time: "5" });
});

it("a task that lost its node, its time or its place is lost; one that failed or was cancelled is not", () => {
  const task = (state: string, reason = "None"): QueuedTask => ({
    id: "1_0",
    name: "",
    phase: "ended",
    state,
    reason,
    node: "",
  });
  expect(taskEnd(undefined)).toBe("lost");
  for (const state of ["NODE_FAIL", "PREEMPTED", "TIMEOUT", "COMPLETED"]) expect(taskEnd(task(state))).toBe("lost");
  for (const state of ["FAILED", "OUT_OF_MEMORY", "CANCELLED"]) expect(taskEnd(task(state))).toBe("failed");
  expect(taskEnd(task("CANCELLED", "DependencyNeverSatisfied"))).toBe("dependency");
});

/** Slurm's text for every refusal by a limit, also one that is never accepted. */
const violated =
  "Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)";

it("a full queue and a controller that does not answer may pass; a wrong partition and a limit of size do not", () => {
  for (const text of [
    "sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying.",
    `sbatch: error: AssocMaxSubmitJobLimit\nsbatch: error: ${violated}`,
    "sbatch: error: QOSMaxSubmitJobPerUserLimit",
    "sbatch: error: AssocGrpSubmitJobsLimit",
    "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation",
    "Unable to contact slurm controller (connect failure)",
  ])
    expect(mayPass(text)).toBe(true);
  for (const text of [
    "sbatch: error: invalid partition specified: nowhere",
    violated,
    `QOSMaxWallDurationPerJobLimit\n${violated}`,
  ])
    expect(mayPass(text)).toBe(false);
});

it("arrays of other jobs or of another store have other names", () => {
  const names = [
    scriptName({ folder: "a" }, "demo", [job("train-0"), job("train-1")]),
    scriptName({ folder: "b" }, "demo", [job("train-0"), job("train-1")]),
    scriptName({ folder: "a" }, "demo", [job("train-0")]),
  ];
  expect(new Set(names).size).toBe(3);
});

it("a script passes Slurm's options through, and paths with spaces as one word", () => {
  const settings = { partition: "long", gres: "gpu:1", options: ["--mail-type=FAIL"], prelude: ["module load node"] };
  const request = { cpus: 4, memory: "2G", time: "01:00:00" };
  const program = { node: "/usr/bin/node", main: "/my tools/main.js", cwd: "/my work" };
  const lines = arrayScript({ folder: "/my work/runs" }, "strata-a", settings, request, program).split("\n");
  expect(lines).toEqual([
    "#!/bin/bash",
    "#SBATCH --job-name=strata-a",
    '#SBATCH --output="/my work/runs/slurm/strata-a.%a.out"',
    "#SBATCH --open-mode=append",
    '#SBATCH --chdir="/my work"',
    "#SBATCH --ntasks=1",
    "#SBATCH --cpus-per-task=4",
    "#SBATCH --mem=2G",
    "#SBATCH --time=01:00:00",
    "#SBATCH --partition=long",
    "#SBATCH --gres=gpu:1",
    "#SBATCH --requeue",
    "#SBATCH --signal=B:USR1@120",
    "#SBATCH --kill-on-invalid-dep=yes",
    "#SBATCH --mail-type=FAIL",
    "module load node",
    'NODE=/usr/bin/node; [ -x "$NODE" ] || NODE=node',
    `exec "$NODE" --expose-gc '/my tools/main.js' worker --tasks '/my work/runs/slurm/strata-a.json'`,
    "",
  ]);
});
