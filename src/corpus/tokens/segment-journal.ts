import { existsSync } from "node:fs";
import { join } from "node:path";
import { appendJournal, readJournal, rewriteJournal } from "../../files/journal.js";
import { checkSize, type TokenBytes } from "../../files/number-file.js";
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

/** Opens the list of finished segments in a folder. It ends before a truncated line or a segment with missing files. */
export function openSegmentJournal(folder: string, tokenBytes: TokenBytes): SegmentJournal {
  const path = join(folder, "journal.jsonl");
  const entries = readJournal<FinishedSegment>(path);
  const broken = entries.findIndex(({ segment }) => !isComplete(folder, segment, tokenBytes));
  const finished = broken < 0 ? entries : entries.slice(0, broken);
  if (existsSync(path)) rewriteJournal(path, finished);
  return {
    finished,
    add(entry) {
      appendJournal(path, entry);
      finished.push(entry);
    },
  };
}

function isComplete(folder: string, segment: Segment, tokenBytes: TokenBytes): boolean {
  const { file, starts, hashes, mask, tokens, documents } = segment;
  try {
    checkSize(join(folder, file), tokens * tokenBytes);
    checkSize(join(folder, starts), (documents + 1) * 8);
    checkSize(join(folder, hashes), documents * 8);
    if (mask !== null) checkSize(join(folder, mask), tokens);
    return true;
  } catch {
    return false;
  }
}
