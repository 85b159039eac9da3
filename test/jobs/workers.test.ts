import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { logEnd } from "../../src/jobs/job-log.js";
import { identifyJob, type Job } from "../../src/jobs/job.js";
import { createLocalExecutor } from "../../src/jobs/local/local-executor.js";
import { temporaryFolder } from "../temporary-folder.js";

interface Executed {
  readonly pid: number;
  readonly threads: number;
}

const job = (name: string, parameters: object = {}, change: Partial<Job> = {}) =>
  identifyJob({ kind: name, title: name, parameters, inputs: {}, flops: 0, exclusive: false, ...change }, 1);

/** Executes jobs one by one, two threads each, in the order given. */
async function execute(...jobs: readonly Job[]) {
  const store = { folder: temporaryFolder() };
  const pool = { parallel: 1, execution: { device: "reference", instructions: "auto", threads: 2 } } as const;
  const executor = createLocalExecutor(store, pool, join(import.meta.dirname, "worker-program.mjs"), () => {});
  for (const each of jobs) executor.submit(each);
  await executor.finished();
  return {
    executor,
    logEnd: ({ id }: Job) => logEnd(store, id),
    record: ({ id }: Job) => JSON.parse(readFileSync(join(store.folder, "jobs", id, "done.json"), "utf8")) as Executed,
  };
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test("one process executes job after job, and has ended when all are done", async () => {
  const jobs = ["a", "b", "c"].map((name) => job(name));
  const { record } = await execute(...jobs);
  const [first, ...others] = jobs.map((each) => record(each).pid);
  expect(others).toEqual([first, first]);
  expect(isAlive(first)).toBe(false);
});

test("a process that crashes fails its job, whose log has its last words; a new one runs other jobs", async () => {
  const [before, crash, after] = [job("before"), job("crash", { crash: true }), job("after")];
  const { executor, logEnd: endOf, record } = await execute(before, crash, after);
  expect(executor.status(crash.id).state).toBe("failed");
  expect(executor.status(crash.id).failure).toContain("got killed by SIGABRT.");
  expect(endOf(crash)).toBe("free(): invalid pointer");
  expect([endOf(before), endOf(after)]).toEqual(["", ""]);
  expect(record(after).pid).not.toBe(record(before).pid);
});

test("a process that asks to end after a job gets no other", async () => {
  const [last, next] = [job("last", { ends: true }), job("next")];
  const { record } = await execute(last, next);
  expect(record(next).pid).not.toBe(record(last).pid);
});

test("an exclusive job has the threads of all", async () => {
  const store = { folder: temporaryFolder() };
  const pool = { parallel: 3, execution: { device: "reference", instructions: "auto", threads: 2 } } as const;
  const executor = createLocalExecutor(store, pool, join(import.meta.dirname, "worker-program.mjs"), () => {});
  const [one, all] = [job("one"), job("all", {}, { exclusive: true })];
  executor.submit(one);
  executor.submit(all);
  await executor.finished();
  const threads = ({ id }: Job) =>
    (JSON.parse(readFileSync(join(store.folder, "jobs", id, "done.json"), "utf8")) as Executed).threads;
  expect([threads(one), threads(all)]).toEqual([2, 6]);
});

test("a failed job skips all that need it, in whatever order they were submitted", async () => {
  const crash = job("crash", { crash: true });
  const second = job("second", {}, { inputs: { first: { job: crash.id, path: "." } } });
  const third = job("third", {}, { inputs: { second: { job: second.id, path: "." } } });
  const { executor } = await execute(third, second, crash);
  expect([crash, second, third].map(({ id }) => executor.status(id).state)).toEqual(["failed", "skipped", "skipped"]);
});
