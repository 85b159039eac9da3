/** What this process may use: on Linux, control groups (containers, job schedulers) may give less than the machine has. */
import { readFileSync } from "node:fs";
import { availableParallelism, freemem, totalmem } from "node:os";
import { join } from "node:path";

export interface MachineLimits {
  /** Threads that can run at the same time: processors this process may run on, or its share of their time, rounded down. */
  readonly threads: number;
  readonly processors: number;
  /** Processors' worth of time that the control group gives, perhaps a fraction; null for no limit. */
  readonly processorQuota: number | null;
  readonly memoryBytes: number;
  /** What the control group may hold at most; null for no limit. */
  readonly memoryLimitBytes: number | null;
  /** What can still be taken, of the machine and of the control group; files that are only cached count as free. */
  readonly freeMemoryBytes: number;
}

/** @param root  another folder than / for tests */
export function machineLimits(root = "/"): MachineLimits {
  const groups = controlGroups(root);
  const processors = availableParallelism();
  const quotas = groups.flatMap((group) => group.quota ?? []);
  const processorQuota = quotas.length > 0 ? Math.min(...quotas) : null;
  const memoryBytes = totalmem();
  const limited = groups.filter(({ limit }) => limit !== null && limit < memoryBytes) as {
    limit: number;
    used: number;
  }[];
  return {
    threads: Math.max(1, Math.min(processors, Math.floor(processorQuota ?? processors))),
    processors,
    processorQuota,
    memoryBytes,
    memoryLimitBytes: limited.length > 0 ? Math.min(...limited.map(({ limit }) => limit)) : null,
    freeMemoryBytes: Math.max(0, Math.min(freemem(), ...limited.map(({ limit, used }) => limit - used))),
  };
}

export function formatGigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

interface ControlGroup {
  readonly quota: number | null;
  readonly limit: number | null;
  readonly used: number;
}

/** The groups that this process is in, each with those above it, as a limit of any of them holds. Both versions of the interface. */
function controlGroups(root: string): ControlGroup[] {
  const mount = join(root, "sys/fs/cgroup");
  const lines = (readText(join(root, "proc/self/cgroup")) ?? "").split("\n");
  return lines.flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined) return [];
    const names = controllers.split(",");
    if (controllers === "") return withParents(mount, path).map(readVersion2);
    if (names.includes("memory") || names.includes("cpu"))
      return withParents(join(mount, controllers), path).map(readVersion1);
    return [];
  });
}

function withParents(mount: string, path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return Array.from({ length: parts.length + 1 }, (_, count) => join(mount, ...parts.slice(0, count)));
}

function readVersion2(folder: string): ControlGroup {
  const [quota, period] = (readText(join(folder, "cpu.max")) ?? "max 100000").split(" ").map(Number);
  return {
    quota: quota > 0 ? quota / period : null,
    limit: readNumber(join(folder, "memory.max")),
    used: (readNumber(join(folder, "memory.current")) ?? 0) - cached(folder, "inactive_file"),
  };
}

function readVersion1(folder: string): ControlGroup {
  const quota = readNumber(join(folder, "cpu.cfs_quota_us"));
  const period = readNumber(join(folder, "cpu.cfs_period_us"));
  return {
    quota: quota !== null && quota > 0 && period !== null ? quota / period : null,
    limit: readNumber(join(folder, "memory.limit_in_bytes")),
    used: (readNumber(join(folder, "memory.usage_in_bytes")) ?? 0) - cached(folder, "total_inactive_file"),
  };
}

/** Bytes of files that the kernel drops when memory is wanted. */
function cached(folder: string, name: string): number {
  const [, bytes] = new RegExp(`^${name} (\\d+)$`, "m").exec(readText(join(folder, "memory.stat")) ?? "") ?? [];
  return Number(bytes ?? 0);
}

/** Null where there is no such file, or the word "max". */
function readNumber(path: string): number | null {
  const number = Number(readText(path) ?? NaN);
  return Number.isFinite(number) ? number : null;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null;
  }
}
