import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  hashOutputs,
  rememberOutputs,
  verifyOutputs,
  writeDone,
  writeJob,
  type Done,
  type Store,
} from "../../src/jobs/job-folder.js";
import { identifyJob } from "../../src/jobs/job.js";
import { openVerifiedFiles } from "../../src/jobs/verified-files.js";
import { makeSmallDisk } from "../run/small-disk.js";
import { temporaryFolder } from "../temporary-folder.js";

const job = identifyJob({ kind: "k", title: "k", parameters: {}, inputs: {}, flops: 0, exclusive: false }, 1);

async function finishedJob(): Promise<{ store: Store; folder: string; file: string }> {
  const store = { folder: temporaryFolder() };
  const folder = writeJob(store, job);
  const file = join(folder, "out");
  writeFileSync(file, "right");
  const outputs = await hashOutputs(folder);
  writeDone(folder, { outputs } as Done);
  rememberOutputs(folder, outputs);
  return { store, folder, file };
}

test("an output that changes after it was verified is refused, even with the same size and time", async () => {
  const { store, file } = await finishedJob();
  await verifyOutputs(store, job.id, ".");
  const { atime, mtime } = statSync(file);
  writeFileSync(file, "wrong");
  utimesSync(file, atime, mtime);
  await expect(verifyOutputs(store, job.id, ".")).rejects.toThrow(/out — expected sha256 /);
  writeFileSync(file, "right");
  await verifyOutputs(store, job.id, ".");
});

test("the record of what was verified is no output; without it, or if damaged, files are read again", async () => {
  const { store, folder } = await finishedJob();
  expect(Object.keys(await hashOutputs(folder))).toEqual(["out"]);
  const record = join(folder, readdirSync(folder).find((name) => name.startsWith("verified.")) as string);
  const before = readFileSync(record, "utf8");
  for (const damage of [() => rmSync(record), () => writeFileSync(record, before.slice(0, 20))]) {
    damage();
    await verifyOutputs(store, job.id, ".");
    expect(readFileSync(record, "utf8")).toBe(before);
  }
});

test("a record that a full disk does not take leaves nothing behind and is no error", (context) => {
  const disk = makeSmallDisk();
  if ("reason" in disk) return context.skip(disk.reason);
  onTestFinished(() => disk.remove());
  writeFileSync(join(disk.folder, "out"), Buffer.alloc(64 * 1024));
  const verified = openVerifiedFiles(disk.folder);
  verified.add("out", "0".repeat(64));
  verified.save();
  expect(readdirSync(disk.folder)).toEqual(["out"]);
});
