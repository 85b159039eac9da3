import type { WatchedRun } from "./watched-run.js";

export interface Looks {
  /** Waits for a look that is at most as old as the pause between two, or older if another one has begun. */
  recent(): Promise<void>;
  stop(): void;
}

export interface LookOptions {
  /** Whether to look again and again. */
  readonly isNeeded: () => boolean;
  /** Called after each of these looks. */
  readonly onLook: () => void;
  readonly onError: (error: unknown) => void;
}

const minPause = 1000;
/** After how long a look stops reading long journals: where a page waits for it, and otherwise. */
const [waitedMilliseconds, lookMilliseconds] = [150, 2000];
/** Looks that are older are not shown while another one has begun. */
const maxAge = 5000;

/**
 * Looks at the runs again and again while it is needed. The pause grows with the time that a look takes, and what
 * follows it; without one while long journals are read.
 */
export function lookAtFiles(runs: readonly WatchedRun[], { isNeeded, onLook, onError }: LookOptions): Looks {
  let last = -Infinity;
  let pause = minPause;
  let current: Promise<void> | null = null;
  const age = () => performance.now() - last;
  const look = async (milliseconds: number) => {
    const start = performance.now();
    const until = start + milliseconds;
    for (const run of runs) await run.refresh(until);
    last = performance.now();
    pause = pauseAfter(last - start);
  };
  const pauseAfter = (took: number) => (runs.some(({ isReading }) => isReading) ? 0 : Math.max(minPause, 4 * took));
  const begin = (milliseconds: number) => (current ??= look(milliseconds).finally(() => (current = null)));
  const recent = () => {
    // A look that reads long journals is not waited for.
    const isRecent = age() < (current === null ? pause : maxAge);
    return isRecent ? Promise.resolve() : begin(waitedMilliseconds);
  };
  const lookAndSend = async () => {
    try {
      const start = performance.now();
      await begin(lookMilliseconds);
      onLook();
      pause = pauseAfter(performance.now() - start);
    } catch (error) {
      onError(error);
    }
  };
  const timer = setInterval(() => {
    if (isNeeded() && current === null && age() >= pause) void lookAndSend();
  }, minPause / 4);
  return { recent, stop: () => clearInterval(timer) };
}
