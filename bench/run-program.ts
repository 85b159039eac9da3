import { spawn } from "node:child_process";
import { readPeak } from "./process-memory.js";
import type { Program } from "./session.js";

export interface ProgramRun {
  readonly seconds: number;
  /** Largest resident memory, in bytes; 0 without /proc. */
  readonly peakBytes: number;
}

const millisecondsBetweenSamples = 20;

/** Runs a program to its end. @throws Error with the end of its stderr if it fails */
export async function runProgram({ command, parameters, environment }: Program): Promise<ProgramRun> {
  const started = performance.now();
  const child = spawn(command, parameters, { env: environment, stdio: ["ignore", "ignore", "pipe"] });
  let messages = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (messages = (messages + text).slice(-4000)));
  let peakBytes = 0;
  const watch = setInterval(() => (peakBytes = Math.max(peakBytes, peakOf(child.pid))), millisecondsBetweenSamples);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    if (code !== 0) throw new Error(`${command} ${parameters.join(" ")} failed:\n${messages}`);
    return { seconds: (performance.now() - started) / 1000, peakBytes };
  } finally {
    clearInterval(watch);
  }
}

/** 0 for a process that is ending. */
function peakOf(pid: number | undefined): number {
  try {
    return pid === undefined ? 0 : readPeak(pid);
  } catch {
    return 0;
  }
}
