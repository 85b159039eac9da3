import { hostname } from "node:os";

/** The process that is writing a file or has a lock, named as `HOST-PID`: on a shared disk a number alone names several. */
export interface Writer {
  /** The host's name in letters of file names, at most 64 of them. */
  readonly host: string;
  readonly pid: number;
}

/** A writer's name; groups: host, pid. */
export const writerPattern = "([\\w-]+)-(\\d+)";

function hostOfThis(): string {
  return hostname()
    .replace(/[^\w-]/g, "_")
    .slice(0, 64);
}

export function thisWriter(): Writer {
  return { host: hostOfThis(), pid: process.pid };
}

export function formatWriter({ host, pid }: Writer): string {
  return `${host}-${pid}`;
}

/** Null for another text. */
export function parseWriter(text: string): Writer | null {
  const [, host, pid] = new RegExp(`^${writerPattern}$`).exec(text) ?? [];
  return host === undefined ? null : { host, pid: Number(pid) };
}

/** Whether the process has ended. What runs on another host cannot be known from here: false. */
export function isGone({ host, pid }: Writer): boolean {
  if (host !== hostOfThis()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "EPERM";
  }
}

/** `process 12`, and its host if that is another one. */
export function describeWriter({ host, pid }: Writer): string {
  return host === hostOfThis() ? `process ${pid}` : `process ${pid} on ${host}`;
}
