import { setTimeout as sleep } from "node:timers/promises";
import { StrataError } from "../../errors/strata-error.js";
import { fileError } from "../../files/atomic-file.js";
import type { Lease } from "../../files/lease.js";
import type { JobStatus } from "../../jobs/executor.js";
import type { Job } from "../../jobs/job.js";
import type { Store } from "../../jobs/job-folder.js";
import type { FactsPlan } from "../graph/plan-record.js";
import { claimFolder } from "./output-folder.js";
import { seriesOf } from "./series.js";
import { watchPart, watchStrategy, type WatchedSeries } from "./watched-series.js";

export interface TensorboardWatchOptions {
  readonly store: Store;
  /** To write; see `refuseForeign`. */
  readonly folder: string;
  /** Between two looks at the journals. */
  readonly seconds: number;
  /** Receives what is missing, and the first failure to write: the run continues. */
  readonly onNote: (line: string) => void;
}

/** Keeps a folder for TensorBoard up to date while a run is executed or watched. */
export interface TensorboardWatch {
  /** @param runs  each with the folder of its seed, empty without `seeds` */
  start(runs: readonly { readonly plan: Omit<FactsPlan, "recipe">; readonly prefix: string }[]): void;
  /** To be called when a job starts or ends. */
  changed(job: Job, status: JobStatus): void;
  /** Writes what is recorded by now. */
  stop(): Promise<void>;
}

export function watchTensorboard({ store, folder, seconds, onNote }: TensorboardWatchOptions): TensorboardWatch {
  const running = new Set<string>();
  const noted = new Set<string>();
  const stopped = new AbortController();
  let ended: Promise<void> | null = null;
  /** What to update next time beside the running parts. */
  let due = new Set<WatchedSeries>();
  let watched: readonly WatchedSeries[] = [];

  const noteOnce = (key: string, line: string) => {
    if (!noted.has(key)) onNote(line);
    noted.add(key);
  };
  const failed = (error: unknown) => {
    const path = (error as NodeJS.ErrnoException).path ?? folder;
    const known = error instanceof StrataError ? error : fileError(path, "write the event files", error);
    const { where, expected, got } = known.parts;
    noteOnce("failure", `TensorBoard: ${where} — expected ${expected}, got ${got}; the run continues`);
  };

  const seriesOfRunning = (id: string) => watched.filter(({ jobs, isGrowing }) => isGrowing && jobs.has(id));
  const update = async ({ check }: Lease): Promise<void> => {
    const now = new Set([...due, ...[...running].flatMap(seriesOfRunning)]);
    due = new Set();
    for (const one of now) {
      try {
        check();
        await one.update();
      } catch (error) {
        failed(error);
        due.add(one);
      }
    }
  };
  /** Null if the folder cannot be written at all. */
  const claimed = async (kept: ReadonlySet<string>): Promise<Lease | null> => {
    for (;;) {
      try {
        return claimFolder(folder, kept);
      } catch (error) {
        failed(error);
      }
      if (stopped.signal.aborted) return null;
      await pause();
    }
  };
  const watch = async (kept: ReadonlySet<string>): Promise<void> => {
    const lease = await claimed(kept);
    if (lease === null) return;
    while (!stopped.signal.aborted) {
      await update(lease);
      await pause();
    }
    await update(lease);
    lease.release();
  };
  const pause = () => sleep(seconds * 1000, undefined, { signal: stopped.signal }).catch(() => {});

  return {
    start(runs) {
      const series = runs.map(({ plan, prefix }) => seriesOf(plan, prefix));
      const parts = series.flatMap((one) => one.parts);
      const strategies = series.flatMap((one) => one.strategies);
      const onDamage = (line: string) => noteOnce(line, line);
      watched = [
        ...strategies.map((one) => watchStrategy(store, one, folder)),
        ...parts.map((one) => watchPart(store, one, folder, onDamage)),
      ];
      due = new Set(watched);
      ended = watch(new Set([...parts, ...strategies].map((one) => one.folder))).catch(failed);
    },
    changed({ id }, { state }) {
      if (state === "running") running.add(id);
      else running.delete(id);
      for (const one of watched) if (one.jobs.has(id)) due.add(one);
    },
    async stop() {
      stopped.abort();
      await ended;
    },
  };
}
