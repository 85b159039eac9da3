import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { formatWriter, thisWriter, type Writer } from "../../src/files/writer.js";
import { lockJob } from "../../src/jobs/job-lock.js";
import { temporaryFolder } from "../temporary-folder.js";

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

it("a lock names its holder and is removed on release", async () => {
  const folder = temporaryFolder();
  const unlock = await lockJob(folder, () => {});
  expect(readFileSync(join(folder, "lock"), "utf8")).toBe(formatWriter(thisWriter()));
  unlock();
  expect(existsSync(join(folder, "lock"))).toBe(false);
});

it("the lock of a process that has ended is taken over", async () => {
  const folder = temporaryFolder();
  // Process ids are below 2²², so that no process has this one.
  writeFileSync(join(folder, "lock"), formatWriter({ ...thisWriter(), pid: 2 ** 30 }));
  const unlock = await lockJob(folder, () => expect.fail("no live holder"));
  unlock();
});

it("the lock of a process on another host is waited for and reported until it is removed", async () => {
  const folder = temporaryFolder();
  const holder = { host: "node-7", pid: 2 ** 30 };
  const path = join(folder, "lock");
  writeFileSync(path, formatWriter(holder));
  const waited: Writer[] = [];
  let unlock: (() => void) | null = null;
  const locking = lockJob(folder, (writer) => waited.push(writer)).then((release) => (unlock = release));
  await wait(500);
  expect(unlock).toBe(null);
  expect(waited).toEqual([holder]);
  rmSync(path);
  (await locking)();
});
