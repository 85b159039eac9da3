import { statSync } from "node:fs";
import type { DamagedLine } from "../../files/journal.js";
import type { Store } from "../../jobs/job-folder.js";
import type { Scalars } from "../../report/tensorboard/scalars.js";
import { trainingJournal } from "../facts/training-journal.js";
import { partStart, partSteps, type PartStep } from "./part-scalars.js";
import { appendRows, isUnchanged, replaceRows, startOfSeries, type WrittenSeries } from "./series-files.js";

/** How far the series of a part is written. */
export interface WatchedPart {
  /** Of the journal: a part that resumes from its checkpoint replaces the file. */
  readonly inode: number;
  readonly start: number;
  /** Null before the first step. */
  readonly last: Pick<PartStep, "entry" | "end"> | null;
  readonly written: WrittenSeries;
  /** Whether the journal was damaged after `last`: nothing is read from this file any more. */
  readonly isDamaged: boolean;
}

/**
 * Brings the series of a part up to its journal.
 *
 * @param folder  of the series
 * @param before  what the last call returned; null to compare everything that is in the folder
 * @param onDamage  called for a journal that is damaged, read from its first line
 * @returns null if the part has not started, or what was read does not continue `before`: another call compares
 * @throws StrataError if the disk is full; then call it with null
 */
export async function followPart(
  store: Store,
  id: string,
  folder: string,
  before: WatchedPart | null,
  onDamage: (damage: DamagedLine) => void,
): Promise<WatchedPart | null> {
  const path = trainingJournal(store, id);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  const known = before !== null && continues(before, stats) ? before : null;
  if (known?.isDamaged === true) return known;
  const start = known?.start ?? startOfSeries(folder) ?? partStart(store, id);
  if (start === null) return null;
  const damages: DamagedLine[] = [];
  let [last, isNext] = [known?.last ?? null, true];
  const rows = function* (): Generator<Scalars> {
    for (const step of partSteps({ path, start, after: last, onDamage: (damage) => damages.push(damage) })) {
      isNext = step.entry.step === (last?.entry.step ?? 0) + 1;
      if (!isNext) return;
      last = step;
      yield step.scalars;
    }
  };
  const written = known === null ? await replaceRows(folder, start, rows()) : appendRows(known.written, rows());
  // Read from the middle, it may be another file by now.
  if (!isNext || (known !== null && damages.length > 0)) return null;
  for (const damage of damages) onDamage(damage);
  return { inode: stats.ino, start, last, written, isDamaged: damages.length > 0 };
}

function continues(
  { inode, last, written }: WatchedPart,
  journal: { readonly ino: number; readonly size: number },
): boolean {
  return inode === journal.ino && journal.size >= (last?.end ?? 0) && isUnchanged(written);
}
