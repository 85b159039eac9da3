import { hostname } from "node:os";

/** A process that writes a file or holds a lock, as `HOST-PID`: on a shared disk, a process id alone is ambiguous. */
export interface Writer {
  /** The hostname, at most 64 characters; all but letters, digits, `_` and `-` are replaced by `_`. */
  readonly host: string;
  readonly pid: number;
}

/** Matches `HOST-PID`; groups: host, pid. */
export const writerPattern = "([\\w-]+)-(\\d+)";

let hostName = hostname();

/** Replaces the host's name, for machines with equal names. Called before any file is written. */
export function setHostName(name: string): void {
  hostName = name;
}

export function thisHostName(): string {
  return hostName;
}

function thisHost(): string {
  return hostName.replace(/[^\w-]/g, "_").slice(0, 64);
}

export function thisWriter(): Writer {
  return { host: thisHost(), pid: process.pid };
}

export function formatWriter({ host, pid }: Writer): string {
  return `${host}-${pid}`;
}

/** Null if the text is not `HOST-PID`. */
export function parseWriter(text: string): Writer | null {
  const [, host, pid] = new RegExp(`^${writerPattern}$`).exec(text) ?? [];
  return host === undefined ? null : { host, pid: Number(pid) };
}

/** Whether the process has ended; false if it runs on another host, where that is unknown. */
export function isGone({ host, pid }: Writer): boolean {
  if (host !== thisHost()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "EPERM";
  }
}

/** `process 12`, or `process 12 on HOST` for another host. */
export function describeWriter({ host, pid }: Writer): string {
  return host === thisHost() ? `process ${pid}` : `process ${pid} on ${host}`;
}
