import type { Outcome } from "./run-trials.js";

/**
 * The time that a search has taken: wall time of this process, and for jobs that were done before it the seconds of
 * their records, divided by the jobs that run in parallel.
 */
export interface TimeSpent {
  startPhase(): void;
  /** Seconds since `startPhase`. */
  ofPhase(): number;
  /** Seconds of a candidate of this phase with jobs to do; null before the first one. */
  perCandidate(): number | null;
  /** Runs the trials of some candidates and counts their time. */
  measure(candidates: number, work: () => Promise<readonly Outcome[]>): Promise<readonly Outcome[]>;
}

export function createTimeSpent(parallel: number): TimeSpent {
  const counted = new Set<string>();
  let ofPhase = 0;
  let fresh = { candidates: 0, seconds: 0 };
  return {
    startPhase() {
      ofPhase = 0;
      fresh = { candidates: 0, seconds: 0 };
    },
    ofPhase: () => ofPhase,
    perCandidate: () => (fresh.candidates === 0 ? null : fresh.seconds / fresh.candidates),
    async measure(candidates, work) {
      const started = performance.now();
      const outcomes = await work();
      const wall = (performance.now() - started) / 1000;
      const jobs = new Map(outcomes.flatMap(({ cost }) => [...cost]));
      const isFresh = [...jobs.values()].some((seconds) => seconds === 0);
      if (isFresh) fresh = { candidates: fresh.candidates + candidates, seconds: fresh.seconds + wall };
      ofPhase += wall;
      for (const [id, seconds] of jobs) {
        if (!counted.has(id)) ofPhase += seconds / parallel;
        counted.add(id);
      }
      return outcomes;
    },
  };
}
