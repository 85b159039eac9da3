import { expect, test } from "vitest";
import { deviceLost } from "../../src/device/webgpu/command-queue.js";
import { executeJob, type JobKind } from "../../src/jobs/execute-job.js";
import { readDone, writeJob } from "../../src/jobs/job-folder.js";
import { identifyJob } from "../../src/jobs/job.js";
import { temporaryFolder } from "../temporary-folder.js";

/** A job whose GPU stops working the first `losses` times. */
async function run(losses: number) {
  const store = { folder: temporaryFolder() };
  const job = identifyJob(
    { kind: "compute", title: "compute", parameters: {}, inputs: {}, flops: 0, exclusive: false },
    1,
  );
  const devices: unknown[] = [];
  const compute: JobKind = {
    version: 1,
    async run(context) {
      devices.push(await context.device("f32"));
      if (devices.length <= losses) throw deviceLost("unknown", "reset");
      return { seconds: 1, result: null };
    },
  };
  const notes: string[] = [];
  const running = executeJob(
    writeJob(store, job),
    { compute },
    { device: "reference", instructions: "auto", threads: 1 },
    new AbortController().signal,
    (line) => notes.push(line),
  );
  await running.catch((error: Error) => notes.push(error.message));
  return { done: readDone(store, job.id) !== null, devices, notes: notes.join("\n") };
}

test("a job whose GPU stops working is run once more, on a device that is opened anew", async () => {
  const { done, devices, notes } = await run(1);
  expect(done).toBe(true);
  expect(new Set(devices).size).toBe(2);
  expect(notes).toContain("The device is opened again, and the job continues from its last checkpoint.");
});

test("a GPU that stops working again is the job's error", async () => {
  const { done, devices, notes } = await run(2);
  expect(done).toBe(false);
  expect(devices).toHaveLength(2);
  expect(notes).toContain("webgpu device — expected a graphics adapter that keeps working, got reset (unknown).");
});
