import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeFileAtomic } from "../../src/files/atomic-file.js";
import { logEnd } from "../../src/jobs/job-log.js";
import type { Job } from "../../src/jobs/job.js";
import { writeJob } from "../../src/jobs/job-folder.js";
import { createJudge } from "../../src/jobs/slurm/judge-job.js";
import type { QueuedTask } from "../../src/jobs/slurm/queue.js";
import { taskOutput, writeFailure, writeSubmission } from "../../src/jobs/slurm/submissions.js";
import { quoteShell } from "../../src/text/quote-shell.js";
import { temporaryFolder } from "../temporary-folder.js";

const job: Job = {
  id: "train-1",
  kind: "train",
  title: "train",
  parameters: {},
  inputs: {},
  flops: 0,
  exclusive: false,
};

/** A job whose task 7_0 has failed. */
function failedJob() {
  const store = { folder: temporaryFolder() };
  writeJob(store, job);
  const submission = { task: "7_0", user: "", script: "strata-a", index: 0, losses: 0, progress: 0 };
  writeSubmission(store, job.id, submission);
  writeFailure(store, job.id, { task: "7_0", failure: "no room on the disk" });
  return store;
}

const ended: QueuedTask = { id: "7_0", name: "", phase: "ended", state: "FAILED", reason: "NonZeroExitCode", node: "" };
const queue = new Map([[ended.id, ended]]);

it("a task that this process submitted fails its job, also if it failed before the first look at it", () => {
  const judge = createJudge(failedJob());
  judge.submitted(new Map([[job.id, "7_0"]]));
  expect(judge.verdict(job, queue)).toEqual({ kind: "failed", failure: "no room on the disk" });
});

it("a task that failed before this process began is submitted again, however often the queue is full", () => {
  const judge = createJudge(failedJob());
  for (let look = 0; look < 3; look++) expect(judge.verdict(job, queue)).toEqual({ kind: "submit", losses: 0 });
});

it("a task that another process submits in its place counts as soon as its files are visible", () => {
  const store = failedJob();
  const judge = createJudge(store);
  expect(judge.verdict(job, queue).kind).toBe("submit");
  writeSubmission(store, job.id, { task: "8_0", user: "", script: "strata-a", index: 0, losses: 0, progress: 0 });
  writeFailure(store, job.id, { task: "8_0", failure: "no room again" });
  expect(judge.verdict(job, queue).kind).toBe("unsettled");
  expect(judge.verdict(job, queue)).toEqual({ kind: "failed", failure: "no room again" });
});

it("what a task printed stands in for an empty log, with the name of its file", () => {
  const store = failedJob();
  const output = taskOutput(store, job.id) as string;
  expect(output).toBe(join(store.folder, "slurm/strata-a.0.out"));
  mkdirSync(join(store.folder, "slurm"));
  writeFileAtomic(output, "node: not found\n");
  expect(logEnd(store, job.id, output)).toBe(`The end of its output, ${output}:\nnode: not found`);
  writeFileAtomic(join(store.folder, "jobs/train-1/log.txt"), "step 1\n");
  expect(logEnd(store, job.id, output)).toBe("step 1");
});

it("paths are one word for a shell", () => {
  expect(["runs/a", "my runs/a", "it's"].map(quoteShell)).toEqual(["runs/a", "'my runs/a'", `'it'\\''s'`]);
});
