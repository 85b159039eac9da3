import { setTimeout as sleep } from "node:timers/promises";
import type { StrataError } from "../../errors/strata-error.js";
import type { Patience } from "../settings.js";

/** Something that may go better the next time: a busy server, a connection that was cut. */
export class PassingFailure extends Error {
  /** What is told when patience ends. */
  readonly reason: StrataError;
  /** What the server asked for; null for none. */
  readonly waitMilliseconds: number | null;

  constructor(reason: StrataError, waitMilliseconds: number | null = null) {
    super(reason.message, { cause: reason });
    this.reason = reason;
    this.waitMilliseconds = waitMilliseconds;
  }
}

/** No server's word makes us wait longer. */
const longestWaitMilliseconds = 300_000;

/**
 * Does `attempt` again as long as its failures are passing, waiting twice as long each time.
 *
 * @param attempt  calls `progressed` when it got further than ever before: then all retries are there again
 * @throws the reason of the last failure
 */
export async function withRetries<T>(
  { retries, firstWaitMilliseconds }: Patience,
  signal: AbortSignal,
  attempt: (progressed: () => void) => Promise<T>,
): Promise<T> {
  let failures = 0;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await attempt(() => (failures = 0));
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PassingFailure)) throw error;
      if (failures === retries) throw error.reason;
      const wait = error.waitMilliseconds ?? firstWaitMilliseconds * 2 ** failures;
      failures++;
      await sleep(Math.min(wait, longestWaitMilliseconds), undefined, { signal });
    }
  }
}

/** Of a Retry-After header: seconds, or a date. */
export function retryAfter(value: string | null): number | null {
  if (value === null) return null;
  const milliseconds = /^\d+$/.test(value.trim()) ? 1000 * Number(value) : Date.parse(value) - Date.now();
  return Number.isNaN(milliseconds) ? null : Math.max(0, milliseconds);
}
