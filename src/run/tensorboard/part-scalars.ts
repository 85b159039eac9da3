import { statSync } from "node:fs";
import { journalLines, type DamagedLine } from "../../files/journal.js";
import { readDone, type Store } from "../../jobs/job-folder.js";
import { trainingJournal } from "../facts/training-journal.js";
import type { Scalars } from "../../report/tensorboard/scalars.js";
import type { JournalEntry } from "../../train/journal.js";

/** A recorded step with its scalars. */
export interface PartStep {
  readonly entry: JournalEntry;
  /** Position in the journal after its line. */
  readonly end: number;
  readonly scalars: Scalars;
}

export interface PartReading {
  /** The journal. */
  readonly path: string;
  /** When the part started, see `partStart`. */
  readonly start: number;
  readonly onDamage: (damage: DamagedLine) => void;
  /** The step to continue after, with its end; null to read from the beginning. */
  readonly after: Pick<PartStep, "entry" | "end"> | null;
}

/** The recorded steps of a part, one in memory at a time; none if it has not started. */
export function* partSteps({ path, start, onDamage, after }: PartReading): Generator<PartStep> {
  let before = after?.entry ?? null;
  for (const { entry, end } of journalLines<JournalEntry>(path, {}, onDamage, after?.end ?? 0)) {
    yield { entry, end, scalars: scalarsOf(entry, before, start) };
    before = entry;
  }
}

/**
 * When a part started, in Unix seconds to the millisecond: its seconds before its end. Of an unfinished part the end is
 * the last change of its journal. Null if it has not started.
 *
 * @throws StrataError if its done.json is damaged
 */
export function partStart(store: Store, id: string): number | null {
  const done = readDone(store, id);
  if (done !== null) return toMilliseconds(Date.parse(done.finished) / 1000 - done.seconds);
  const path = trainingJournal(store, id);
  const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  let last: JournalEntry | null = null;
  for (const { entry } of journalLines<JournalEntry>(path, {}, () => {})) last = entry;
  return changed === undefined || last === null ? null : toMilliseconds(changed / 1000 - last.seconds);
}

/** The first step's rate includes loading the model, and so does that of the first step after an interruption. */
function scalarsOf(entry: JournalEntry, before: JournalEntry | null, start: number): Scalars {
  const tokens = entry.tokens - (before?.tokens ?? 0);
  const seconds = entry.seconds - (before?.seconds ?? 0);
  return {
    step: entry.step,
    timestamp: toMilliseconds(start + entry.seconds),
    values: {
      loss: recorded(entry.loss),
      learning_rate: recorded(entry.learningRate),
      gradient_norm: recorded(entry.gradientNorm),
      tokens: entry.tokens,
      ...(seconds > 0 ? { tokens_per_second: tokens / seconds } : {}),
    },
  };
}

/** A journal has null for a number that is not finite. */
function recorded(value: number | null): number {
  return value ?? NaN;
}

function toMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
