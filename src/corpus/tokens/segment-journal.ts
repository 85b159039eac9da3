import { existsSync } from "node:fs";
import { join } from "node:path";
import { hashFileSync } from "../../files/hash.js";
import { appendJournal, damageNote, readJournal, rewriteJournal } from "../../files/journal.js";
import type { ReadingState } from "../records/reading-state.js";
import type { Segment } from "./token-manifest.js";

/** A segment whose files are complete, and the reading state after its last chunk. */
export interface FinishedSegment {
  readonly segment: Segment;
  readonly state: ReadingState;
  readonly minDraw: number;
}

export interface SegmentJournal {
  readonly finished: readonly FinishedSegment[];
  add(finished: FinishedSegment): void;
}

/**
 * Opens the list of finished segments in a folder. It ends before a truncated or damaged line, or a segment whose files
 * are not as they were written; the caller writes what follows again.
 *
 * @param note  receives what is damaged
 */
export function openSegmentJournal(folder: string, note: (line: string) => void): SegmentJournal {
  const path = join(folder, "journal.jsonl");
  const entries = readJournal<FinishedSegment>(path, {}, (damage) => note(damageNote(damage)));
  const changed = entries.map(({ segment }) => changedFile(folder, segment));
  const first = changed.findIndex((name) => name !== null);
  const finished = first < 0 ? entries : entries.slice(0, first);
  if (first >= 0) note(`${join(folder, changed[first] as string)} is damaged: it and what follows it is written again`);
  if (existsSync(path)) rewriteJournal(path, finished);
  return {
    finished,
    add(entry) {
      appendJournal(path, entry);
      finished.push(entry);
    },
  };
}

/** The first file of a segment that is missing or has another hash; null if all are as they were written. */
function changedFile(folder: string, segment: Segment): string | null {
  const { file, starts, hashes, mask, sha256, startsSha256, hashesSha256, maskSha256 } = segment;
  const files = [
    [file, sha256],
    [starts, startsSha256],
    [hashes, hashesSha256],
    [mask, maskSha256],
  ] as const;
  const isWhole = (path: string, hash: string | null) => existsSync(path) && hashFileSync(path) === hash;
  return files.find(([name, hash]) => name !== null && !isWhole(join(folder, name), hash))?.[0] ?? null;
}
