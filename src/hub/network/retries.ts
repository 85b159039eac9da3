import { setTimeout as sleep } from "node:timers/promises";
import type { StrataError } from "../../errors/strata-error.js";
import type { RetryPolicy } from "../settings.js";

/** A failure that a retry may fix, such as a busy server or a closed connection. */
export class TransientError extends Error {
  /** The error to throw after the last retry. */
  readonly reason: StrataError;
  /** From Retry-After; null without it. */
  readonly waitMilliseconds: number | null;

  constructor(reason: StrataError, waitMilliseconds: number | null = null) {
    super(reason.message, { cause: reason });
    this.reason = reason;
    this.waitMilliseconds = waitMilliseconds;
  }
}

/** Upper bound for Retry-After. */
const maxWaitMilliseconds = 300_000;

/**
 * Retries `attempt` after transient failures, with exponential backoff.
 *
 * @param attempt  calls `progressed` on new progress, which resets the number of retries
 * @throws the reason of the last failure
 */
export async function withRetries<T>(
  { retries, firstWaitMilliseconds }: RetryPolicy,
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
      if (!(error instanceof TransientError)) throw error;
      if (failures === retries) throw error.reason;
      const wait = error.waitMilliseconds ?? firstWaitMilliseconds * 2 ** failures;
      failures++;
      await sleep(Math.min(wait, maxWaitMilliseconds), undefined, { signal });
    }
  }
}

/** Milliseconds from a Retry-After header, which holds seconds or a date; null if it holds neither. */
export function retryAfter(value: string | null): number | null {
  if (value === null) return null;
  const milliseconds = /^\d+$/.test(value.trim()) ? 1000 * Number(value) : Date.parse(value) - Date.now();
  return Number.isNaN(milliseconds) ? null : Math.max(0, milliseconds);
}
