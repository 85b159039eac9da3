import { createHash } from "node:crypto";
import { readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { readText } from "./read-text.js";

/**
 * A process that writes a file or holds a lock, as `HOST-SCOPE-PID-START`. On a shared disk a process id alone is
 * ambiguous, and after a restart of the machine or of a container it names another process.
 */
export interface Writer {
  /** The hostname, at most 64 characters; all but letters, digits, `_` and `-` are replaced by `_`. */
  readonly host: string;
  /** Where process ids mean the same: 8 hex digits for this start of the system and this container. */
  readonly scope: string;
  readonly pid: number;
  /** When the process started, in clock ticks since the start of the system; 0 if the system does not say. */
  readonly started: number;
}

/** Matches a writer's name; groups: host, scope, pid, start. */
export const writerPattern = "([\\w-]+)-([0-9a-f]{8})-(\\d+)-(\\d+)";

let chosenHost: string | null = null;

/** Names this host other than by its hostname, for hosts with equal ones. Null for the hostname. */
export function nameHost(name: string | null): void {
  chosenHost = name;
}

/** The name of this host in names of files. */
export function thisHost(): string {
  return (chosenHost ?? hostname()).replace(/[^\w-]/g, "_").slice(0, 64);
}

export function thisWriter(): Writer {
  return { host: thisHost(), scope: thisScope(), pid: process.pid, started: startOf(process.pid) ?? 0 };
}

/** Without /proc, a host is one scope. */
function thisScope(): string {
  const system = readOr(() => readText("/proc/sys/kernel/random/boot_id"));
  const processes = readOr(() => readlinkSync("/proc/self/ns/pid"));
  return createHash("sha256").update(`${thisHost()} ${system} ${processes}`).digest("hex").slice(0, 8);
}

function readOr(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

/** Null if there is no such process, or only one that ended and was not waited for; 0 if the system does not say. */
function startOf(pid: number): number | null {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return null;
  }
  const stat = readOr(() => readText(`/proc/${pid}/stat`));
  // The second field, the name of the program in brackets, may contain spaces.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state === "Z" || state === "X" ? null : Number(fields[18] ?? 0);
}

export function formatWriter({ host, scope, pid, started }: Writer): string {
  return `${host}-${scope}-${pid}-${started}`;
}

/** Null if the text is not the name of a writer. */
export function parseWriter(text: string): Writer | null {
  return writerOf(new RegExp(`^${writerPattern}$`).exec(text)?.slice(1) ?? []);
}

/** @param groups  of `writerPattern`; null if there are none */
export function writerOf(groups: readonly string[]): Writer | null {
  const [host, scope, pid, started] = groups;
  return host === undefined ? null : { host, scope, pid: Number(pid), started: Number(started) };
}

export function isSameWriter(a: Writer, b: Writer | null): boolean {
  return b !== null && formatWriter(a) === formatWriter(b);
}

/** Whether this process can signal it: process ids mean the same for both. */
export function isReachable({ host, scope }: Writer): boolean {
  return host === thisHost() && scope === thisScope();
}

/** Whether the process has ended; false if it runs on another host or in another container, where that is unknown. */
export function isGone(writer: Writer): boolean {
  return isReachable(writer) && startOf(writer.pid) !== writer.started;
}

/** `process 12`, or `process 12 on HOST` for another host. */
export function describeWriter({ host, pid }: Writer): string {
  return host === thisHost() ? `process ${pid}` : `process ${pid} on ${host}`;
}
