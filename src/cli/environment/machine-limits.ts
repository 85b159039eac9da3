/** Resources available to this process. On Linux, control groups (containers, job schedulers) may limit them. */
import { availableParallelism, freemem, totalmem } from "node:os";
import { join } from "node:path";
import { readText } from "../../files/read-text.js";

export interface MachineLimits {
  /** Threads that can run in parallel: the processors, or `processorQuota` rounded down; at least 1. */
  readonly threads: number;
  /** Processors that this process may run on. */
  readonly processors: number;
  /** CPU time limit of the control group, in processors, perhaps a fraction; null if unlimited. */
  readonly processorQuota: number | null;
  readonly memoryBytes: number;
  /** Memory limit of the control group; null if unlimited. */
  readonly memoryLimitBytes: number | null;
  /** Available memory of the machine and of the control group, whichever is less; the file cache counts as free. */
  readonly freeMemoryBytes: number;
}

/** @param root  replaces / in tests */
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

/** The control groups of this process with all their ancestors, whose limits apply too (cgroup versions 1 and 2). */
function controlGroups(root: string): ControlGroup[] {
  const mount = join(root, "sys/fs/cgroup");
  const lines = (readSetting(join(root, "proc/self/cgroup")) ?? "").split("\n");
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
  const [quota, period] = (readSetting(join(folder, "cpu.max")) ?? "max 100000").split(" ").map(Number);
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

/** Bytes of the file cache, which the kernel frees under memory pressure. */
function cached(folder: string, name: string): number {
  const [, bytes] = new RegExp(`^${name} (\\d+)$`, "m").exec(readSetting(join(folder, "memory.stat")) ?? "") ?? [];
  return Number(bytes ?? 0);
}

/** Null if the file does not exist or contains "max". */
function readNumber(path: string): number | null {
  const number = Number(readSetting(path) ?? NaN);
  return Number.isFinite(number) ? number : null;
}

function readSetting(path: string): string | null {
  try {
    return readText(path).trim();
  } catch {
    return null;
  }
}
