import { fork, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { leaseHolder, setLeaseExpiry, takeLease, tryLease } from "../../src/files/lease.js";
import { formatWriter, isGone, thisWriter, type Writer } from "../../src/files/writer.js";
import { temporaryFolder } from "../temporary-folder.js";

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// A tenth of a minute and a half, so that the tests are short.
const expirySeconds = 1.5;
setLeaseExpiry(expirySeconds);

const newPath = () => join(temporaryFolder(), "lock");
const text = (writer: Writer) => `${formatWriter(writer)}\n000000000000`;
const elsewhere: Writer = { host: "node-7", scope: "0123abcd", pid: 17, started: 4 };

/** A process that holds a lease as another host. */
async function holderOn(host: string, path: string): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, "lease-program.mjs"), [path, host, String(expirySeconds)]);
  expect(await answer(child)).toBe("held");
  return child;
}

const answer = (child: ChildProcess) => new Promise((resolve) => child.once("message", resolve));

function ask(child: ChildProcess, message: string): Promise<unknown> {
  const answered = answer(child);
  child.send(message);
  return answered;
}

it("a lease names its holder, keeps all others out and is gone when it is released", () => {
  const path = newPath();
  const lease = tryLease(path);
  expect(leaseHolder(path)).toEqual(thisWriter());
  expect(tryLease(path)).toBe(null);
  lease?.check();
  lease?.release();
  expect(existsSync(path)).toBe(false);
  expect(tryLease(path)?.previous).toBe(null);
});

it("a process is not mistaken for another one with its id: its start, its container and its host are compared", () => {
  const here = thisWriter();
  expect(isGone(here)).toBe(false);
  expect(isGone({ ...here, started: here.started + 1 })).toBe(true);
  // Process ids are below 2²², so no process has this one.
  expect(isGone({ ...here, pid: 2 ** 30 })).toBe(true);
  for (const other of [{ scope: "00000000" }, { host: "node-7" }])
    expect(isGone({ ...here, ...other, pid: 2 ** 30 })).toBe(false);
});

it("a process that ended and that nobody waits for is gone", async () => {
  const path = newPath();
  // The shell stays, but does not wait for the child that it started.
  const shell = fork(join(import.meta.dirname, "lease-program.mjs"), [path, "", "1"]);
  await answer(shell);
  const holder = leaseHolder(path);
  expect(holder !== null && isGone(holder)).toBe(false);
  shell.kill("SIGKILL");
  await new Promise((resolve) => shell.once("close", resolve));
  expect(holder !== null && isGone(holder)).toBe(true);
  expect(tryLease(path)?.previous).toEqual(holder);
});

it("the lease of a process on another host is taken over once its file has not changed for the time", async () => {
  const path = newPath();
  writeFileSync(path, text(elsewhere));
  const waited: Writer[] = [];
  const started = performance.now();
  const lease = await takeLease(path, (holder) => waited.push(holder));
  expect(performance.now() - started).toBeGreaterThan(1000 * expirySeconds);
  expect([lease.previous, waited]).toEqual([elsewhere, [elsewhere]]);
  expect(leaseHolder(path)).toEqual(thisWriter());
});

it("a lease whose creator never wrote its name is taken over in the same way", async () => {
  const path = newPath();
  writeFileSync(path, "");
  expect(tryLease(path)).toBe(null);
  expect((await takeLease(path)).previous).toBe(null);
});

it("a holder on another host keeps its lease while it works, even if its main thread is blocked", async () => {
  const path = newPath();
  const holder = await holderOn("node-8", path);
  const unblocked = ask(holder, "block");
  for (let i = 0; i < 10; i++) {
    expect(tryLease(path)).toBe(null);
    await wait(250);
  }
  expect(await unblocked).toBe("unblocked");
  expect(await ask(holder, "check")).toBe("still held");
  holder.send("release");
  expect((await takeLease(path)).previous).toBe(null);
});

it("a stopped process loses its lease to another host, notices it on waking and leaves it alone", async () => {
  const path = newPath();
  const holder = await holderOn("node-9", path);
  holder.kill("SIGSTOP");
  const lease = await takeLease(path);
  expect(lease.previous?.pid).toBe(holder.pid);
  holder.kill("SIGCONT");
  expect(await ask(holder, "check")).toMatch(/expected the lock of this process, got that of process \d+ on/);
  holder.send("release");
  await new Promise((resolve) => holder.once("close", resolve));
  lease.check();
  expect(readFileSync(path, "utf8").startsWith(formatWriter(thisWriter()))).toBe(true);
});

it("of many processes that find an abandoned lease, one takes it over", async () => {
  const path = newPath();
  writeFileSync(path, text({ ...thisWriter(), pid: 2 ** 30 }));
  const program = join(import.meta.dirname, "lease-program.mjs");
  const children = Array.from({ length: 4 }, () => fork(program, [path, "", "90"]));
  const held: ChildProcess[] = [];
  for (const child of children) child.once("message", () => held.push(child));
  while (held.length === 0) await wait(20);
  await wait(700);
  expect(held.length).toBe(1);
  for (const child of children) child.kill("SIGKILL");
});
