import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** In bytes, from the kernel's account of a process. */
export interface ProcessMemory {
  /** Largest resident memory. */
  readonly peak: number;
  /** Resident now, with shared pages divided among those that share them. */
  readonly proportional: number;
}

/** Null where there is no /proc. */
export function readMemory(pid: number): ProcessMemory | null {
  if (!existsSync(`/proc/${pid}/smaps_rollup`)) return null;
  return { peak: field(`/proc/${pid}/status`, "VmHWM"), proportional: field(`/proc/${pid}/smaps_rollup`, "Pss") };
}

/** Starts the peak anew from what is resident now. */
export function resetPeak(pid: number): void {
  const path = `/proc/${pid}/clear_refs`;
  if (existsSync(path)) writeFileSync(path, "5");
}

function field(path: string, name: string): number {
  const kibibytes = new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(readFileSync(path, "utf8"));
  if (!kibibytes) throw new Error(`${path} has no ${name}`);
  return 1024 * Number(kibibytes[1]);
}
