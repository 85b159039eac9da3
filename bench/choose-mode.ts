import { measureRate } from "./interleave.js";
import { startSession, type Program } from "./session.js";
import type { Assignment, Work } from "./work.js";

/**
 * The fastest mode, by one short measurement of each in a separate process, one after another; null if none works. A
 * mode that fails is skipped with a message.
 */
export async function chooseMode(
  program: Program,
  work: Work,
  modes: readonly string[],
  assigned: Pick<Assignment, "threads" | "device">,
  leastSeconds: number,
  onProgress: (text: string) => void,
): Promise<string | null> {
  const rates = new Map<string, number>();
  for (const mode of modes) {
    const rate = await tryMode(program, work, mode, assigned, leastSeconds).catch((error: Error) => error.message);
    if (typeof rate === "number") rates.set(mode, rate);
    onProgress(typeof rate === "number" ? `${mode} gives ${rate.toPrecision(4)}` : `${mode} is skipped: ${rate}`);
  }
  const descending = [...rates].sort(([, a], [, b]) => b - a);
  return descending[0]?.[0] ?? null;
}

async function tryMode(
  program: Program,
  work: Work,
  mode: string,
  assigned: Pick<Assignment, "threads" | "device">,
  leastSeconds: number,
): Promise<number> {
  const session = await startSession(program, { ...work, mode, ...assigned });
  try {
    return await measureRate(session, leastSeconds);
  } finally {
    await session.close();
  }
}
