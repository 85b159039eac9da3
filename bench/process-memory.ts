import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** In bytes, from /proc. */
export interface ProcessMemory {
  /** Peak resident memory (VmHWM). */
  readonly peak: number;
  /** Resident now, with shared pages divided among the processes that share them (Pss). */
  readonly proportional: number;
}

/** Peak resident memory (VmHWM) in bytes, which costs the process nothing; 0 without /proc. */
export function readPeak(pid: number): number {
  return existsSync(`/proc/${pid}/status`) ? field(`/proc/${pid}/status`, "VmHWM") : 0;
}

/** Walks over all pages of the process, which waits meanwhile. Null without /proc. */
export function readMemory(pid: number): ProcessMemory | null {
  if (!existsSync(`/proc/${pid}/smaps_rollup`)) return null;
  return { peak: readPeak(pid), proportional: field(`/proc/${pid}/smaps_rollup`, "Pss") };
}

/** Resets the peak to what is resident now. */
export function resetPeak(pid: number): void {
  const path = `/proc/${pid}/clear_refs`;
  if (existsSync(path)) writeFileSync(path, "5");
}

function field(path: string, name: string): number {
  const kibibytes = new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(readFileSync(path, "utf8"));
  if (!kibibytes) throw new Error(`${path} has no ${name}`);
  return 1024 * Number(kibibytes[1]);
}
