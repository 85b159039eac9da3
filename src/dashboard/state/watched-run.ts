import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { StrataError } from "../../errors/strata-error.js";
import { fileStamp } from "../../files/file-stamp.js";
import { readText } from "../../files/read-text.js";
import { readDone, type Store } from "../../jobs/job-folder.js";
import { loadRecipe } from "../../recipe/load-recipe.js";
import type { Recipe } from "../../recipe/recipe.js";
import type { ReportFacts } from "../../report/facts.js";
import { liveFacts, type LiveFacts } from "../../run/facts/live-facts.js";
import { trainingJournal } from "../../run/facts/training-journal.js";
import type { LossReader } from "../../run/facts/report-facts.js";
import { readPlan, type FactsPlan } from "../../run/graph/plan-record.js";
import { readOrigin, type RunOrigin } from "../../run/run-origin.js";
import { readRunStatus, type RunStatus } from "../../run/run-status.js";
import { followJournal, type JournalTail } from "./journal-tail.js";

/** What is known of a run now. Everything comes from its files. */
export interface WatchedRun {
  readonly name: string;
  readonly folder: string;
  readonly store: Store;
  /** Null before the first look, and while the run cannot be read. */
  readonly status: RunStatus | null;
  /** Null for a run of an earlier version. */
  readonly plan: Omit<FactsPlan, "recipe"> | null;
  readonly recipeText: string;
  readonly origin: RunOrigin | null;
  /** The steps of a training; null if it has none yet. */
  tail(job: string): JournalTail | null;
  readonly facts: LiveFacts;
  /** Bytes of the outputs of finished jobs that were not removed. */
  readonly diskBytes: number;
  /** Why the run, or a part of it, cannot be shown. */
  readonly problem: string | null;
  /** Whether journals have more lines than were read. */
  readonly isReading: boolean;
  /**
   * Looks at the files again.
   *
   * @param until  as `performance.now()`: when to stop reading journals; a little is read in any case
   */
  refresh(until: number): Promise<void>;
}

const pieceBytes = 1 << 20;
/** A larger ledger, of millions of steps, is not read whole. */
const ledgerLimit = 16 << 20;
/** With more steps, live facts do without the mean losses of rounds. */
const lossLimit = 200_000;

export function watchRun(name: string, folder: string, store: Store): WatchedRun {
  const run = {
    name,
    folder,
    store,
    status: null as RunStatus | null,
    plan: null as WatchedRun["plan"],
    recipeText: "",
    origin: null as RunOrigin | null,
    facts: { finished: null, unfinished: [] } as LiveFacts,
    diskBytes: 0,
    problem: null as string | null,
    isReading: false,
    tail: (job: string) => tails.get(job) ?? null,
    refresh,
  };
  const tails = new Map<string, JournalTail>();
  /** Trainings whose journal will not change any more. */
  const complete = new Set<string>();
  let recipe: Recipe | null = null;
  let planStamp = "";
  let factsKey = "";
  const piece = Buffer.allocUnsafe(pieceBytes);

  async function refresh(until: number): Promise<void> {
    try {
      await readPlanFiles();
      run.status = await readRunStatus(store, folder);
      await readJournals(run.status, until);
      readFacts(run.status);
      run.problem = null;
    } catch (error) {
      if (!(error instanceof StrataError) && !(error instanceof SyntaxError) && !isSystemError(error)) throw error;
      run.problem = `${error.name}: ${error.message}`;
    }
  }

  async function readPlanFiles(): Promise<void> {
    const stamp = ["recipe.yaml", "plan.json", "jobs.json", "origin.json"].map((one) => fileStamp(join(folder, one)));
    if (stamp.join() === planStamp) return;
    run.recipeText = existsSync(join(folder, "recipe.yaml")) ? readText(join(folder, "recipe.yaml")) : "";
    run.origin = readOrigin(folder);
    run.plan = existsSync(join(folder, "plan.json")) ? readPlan(folder) : null;
    recipe = run.recipeText === "" ? null : await loadRecipe(join(folder, "recipe.yaml"), []);
    planStamp = stamp.join();
  }

  async function readJournals({ jobs }: RunStatus, until: number): Promise<void> {
    let isReading = false;
    let isFirst = true;
    for (const { id, state, kind, progress } of jobs) {
      const isUntouched = (state === "waiting" || state === "queued") && progress === null;
      if (kind !== "train" || complete.has(id) || isUntouched) continue;
      const tail = tails.get(id) ?? followJournal(trainingJournal(store, id));
      tails.set(id, tail);
      let count = 1;
      while (count > 0 && (isFirst || performance.now() < until)) {
        count = tail.read(piece);
        isFirst = false;
        // Lets answers to other requests go out.
        if (count > 0) await new Promise((resolve) => setImmediate(resolve));
      }
      if (count > 0) isReading = true;
      else if (state === "done") complete.add(id);
    }
    run.isReading = isReading;
  }

  function readFacts(status: RunStatus): void {
    const done = status.jobs.filter(({ state }) => state === "done");
    const ledger = join(folder, "ledger.json");
    const isFinished = done.length === status.jobs.length && status.hasReport;
    const key = `${planStamp} ${done.length} ${isFinished ? fileStamp(ledger) : ""}`;
    if (key === factsKey) return;
    run.diskBytes = done.reduce((sum, { id }) => sum + outputBytes(store, id), 0);
    if (isFinished && (statSync(ledger, { throwIfNoEntry: false })?.size ?? Infinity) < ledgerLimit)
      run.facts = { finished: JSON.parse(readText(ledger)) as ReportFacts, unfinished: [] };
    else if (run.plan !== null && recipe !== null) run.facts = liveFacts(store, { ...run.plan, recipe }, losses);
    factsKey = key;
  }

  /** The losses as they were summarized: exact while there are few steps. */
  const losses: LossReader = (_store, { id }) => {
    const steps = [...tails.values()].reduce((sum, tail) => sum + tail.losses.count, 0);
    if (steps > lossLimit) return [];
    return (tails.get(id)?.losses.buckets() ?? []).map(({ step, mean }) => ({ step, loss: mean }));
  };
  return run;
}

function outputBytes(store: Store, id: string): number {
  const done = readDone(store, id);
  if (done === null || done.pruned === true) return 0;
  return Object.values(done.outputs).reduce((sum, { bytes }) => sum + bytes, 0);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error;
}
