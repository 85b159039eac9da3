import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { appendLine, writeFileAtomic } from "../../files/atomic-file.js";
import { checkSize, type TokenBytes } from "../../files/number-file.js";
import type { ReadingState } from "../records/reading-state.js";
import type { Segment } from "./token-manifest.js";

/** A segment whose files are whole, and how far reading had come with its last piece. */
export interface FinishedSegment {
  readonly segment: Segment;
  readonly state: ReadingState;
  readonly leastDraw: number;
}

export interface SegmentJournal {
  readonly finished: readonly FinishedSegment[];
  add(finished: FinishedSegment): void;
}

/** Opens the list of finished segments in a folder. A line that a crash cut short, or whose files are not there, ends it. */
export function openSegmentJournal(folder: string, tokenBytes: TokenBytes): SegmentJournal {
  const path = join(folder, "journal.jsonl");
  const written = existsSync(path) ? readFileSync(path, "utf8") : "";
  const finished: FinishedSegment[] = [];
  for (const line of written.split("\n")) {
    const entry = parse(line);
    if (entry === null || !isThere(folder, entry.segment, tokenBytes)) break;
    finished.push(entry);
  }
  const kept = finished.map((entry) => `${JSON.stringify(entry)}\n`).join("");
  if (kept !== written) writeFileAtomic(path, kept);
  return {
    finished,
    add(entry) {
      appendLine(path, JSON.stringify(entry));
      finished.push(entry);
    },
  };
}

function parse(line: string): FinishedSegment | null {
  try {
    return JSON.parse(line) as FinishedSegment;
  } catch {
    return null;
  }
}

function isThere(folder: string, segment: Segment, tokenBytes: TokenBytes): boolean {
  const { file, starts, hashes, heldOut, mask, tokens, documents, heldOutDocuments } = segment;
  try {
    checkSize(join(folder, file), tokens * tokenBytes);
    checkSize(join(folder, starts), (documents + 1) * 8);
    checkSize(join(folder, hashes), documents * 8);
    checkSize(join(folder, heldOut), heldOutDocuments * 8);
    if (mask !== null) checkSize(join(folder, mask), tokens);
    return true;
  } catch {
    return false;
  }
}
