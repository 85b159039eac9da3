import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { verifyShards } from "../../src/corpus/shards/shards.js";
import { decodeNumbers, encodeNumbers } from "../../src/files/number-file.js";
import { executeJob } from "../../src/jobs/execute-job.js";
import { hashOutputs, writeDone, writeJob, type Done, type Store } from "../../src/jobs/job-folder.js";
import { tokenized } from "../corpus/corpus-fixtures.js";
import { temporaryFolder } from "../temporary-folder.js";
import { createJob, jobKinds } from "../../src/run/kinds/job-kinds.js";

/** Runs a job that cuts a tokenized data set into two shards. */
async function cutByJob(store: Store, change: (source: string) => void): Promise<string> {
  const source = join(store.folder, "jobs", "tokenize-made");
  mkdirSync(source, { recursive: true });
  await tokenized(source, ["aa", "bb", "cc"]);
  change(source);
  writeDone(source, { outputs: await hashOutputs(source) } as Done);
  const inputs = { "source-000": { job: "tokenize-made", path: "." } };
  const job = createJob({
    kind: "shards",
    title: "cut 2 shards",
    parameters: { shards: 2, seed: 1 },
    inputs,
    flops: 0,
    exclusive: false,
  });
  const folder = writeJob(store, job);
  await executeJob(
    folder,
    jobKinds,
    { device: "reference", instructions: "auto", threads: 1 },
    new AbortController().signal,
    () => {},
  );
  return folder;
}

test("a shards job produces disjoint and complete shards", async () => {
  const folder = await cutByJob({ folder: temporaryFolder() }, () => {});
  await verifyShards(folder);
  expect(existsSync(join(folder, "done.json"))).toBe(true);
});

test("a shards job fails if its documents leave out tokens of their source", async () => {
  const store = { folder: temporaryFolder() };
  const cutting = cutByJob(store, (source) => {
    const path = join(source, "segment-0.starts");
    const [, ...others] = decodeNumbers(new Uint8Array(readFileSync(path)), 8);
    writeFileSync(path, encodeNumbers([2, ...others], 8));
  });
  await expect(cutting).rejects.toThrow(
    /\/jobs\/shards-[0-9a-f]{16}\/manifest\.json — expected 12 tokens in all shards, got 10\.\n {2}The file is damaged: remove the folder that holds it and run again\.$/,
  );
});
