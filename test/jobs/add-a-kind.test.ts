import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { executeJob, type JobKind } from "../../src/jobs/execute-job.js";
import { jobFolder, readDone, writeJob, type Store } from "../../src/jobs/job-folder.js";
import { identifyJob } from "../../src/jobs/job.js";
import { jobKinds } from "../../src/run/kinds/job-kinds.js";
import { temporaryFolder } from "../temporary-folder.js";

/** What someone who adds a kind writes: one object, and one line in the table. */
const greet: JobKind = {
  version: 1,
  async run({ folder, job }) {
    writeFileSync(join(folder, "greeting.txt"), `hello ${(job.parameters as { name: string }).name}\n`);
    return { seconds: 1.5, result: { greeted: true } };
  },
};
const kinds = { ...jobKinds, greet };

const greeting = (version = kinds.greet.version) =>
  identifyJob(
    { kind: "greet", title: "greet", parameters: { name: "shard" }, inputs: {}, flops: 0, exclusive: false },
    version,
  );
const execute = (store: Store, table = kinds) =>
  executeJob(
    writeJob(store, greeting()),
    table,
    { device: "reference", instructions: "auto", threads: 1 },
    new AbortController().signal,
    () => {},
  );

test("a kind that is one object and one line of the table is executed, recorded and not executed again", async () => {
  const store = { folder: temporaryFolder() };
  await execute(store);
  const { id } = greeting();
  expect(readFileSync(join(jobFolder(store, id), "greeting.txt"), "utf8")).toBe("hello shard\n");
  expect(readDone(store, id)).toMatchObject({
    seconds: 1.5,
    result: { greeted: true },
    outputs: { "greeting.txt": {} },
  });
  await execute(store, { ...kinds, greet: { version: 1, run: () => Promise.reject(new Error("executed again")) } });
});

test("a raised version of the code is another job", () => {
  expect(greeting(2).id).not.toBe(greeting().id);
});

test("a job of a kind that the table does not have is an error that names the kinds", async () => {
  const store = { folder: temporaryFolder() };
  const job = greeting();
  const running = executeJob(
    writeJob(store, job),
    jobKinds,
    { device: "reference", instructions: "auto", threads: 1 },
    new AbortController().signal,
    () => {},
  );
  await expect(running).rejects.toThrow(/— expected a kind of job: tokenizer, .*, got "greet"\.\n/);
});
