import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { JournalEntry } from "../../train/journal.js";
import { parseEntry, stepOf } from "./journal-line.js";
import { createLossSummary, type LossSummary } from "./loss-summary.js";

/** The steps of one training, read as its journal grows. */
export interface JournalTail {
  readonly losses: LossSummary;
  /** The last step; null without one. */
  readonly last: JournalEntry | null;
  /** Over the last steps, at least twenty seconds of them if there are so many; null before two steps. */
  readonly tokensPerSecond: number | null;
  /** Lines that are no steps. */
  readonly damaged: number;
  /**
   * Reads the new lines that fit into a buffer.
   *
   * @returns how many bytes they have; 0 if there is no complete line
   */
  read(buffer: Buffer): number;
}

const speedSeconds = 20;
const newline = 10;

/**
 * Follows a journal. A line is used once it is complete. The checksums of lines are not verified: the report does
 * that, and a page that is redrawn every second shows what is there.
 */
export function followJournal(path: string): JournalTail {
  let losses = createLossSummary();
  let file = 0;
  let offset = 0;
  let damaged = 0;
  let last: JournalEntry | null = null;
  let marks: JournalEntry[] = [];
  const restart = () => {
    losses = createLossSummary();
    [offset, damaged, last, marks] = [0, 0, null, []];
  };
  const addLines = (bytes: Buffer, length: number) => {
    let start = 0;
    for (let end = bytes.indexOf(newline); end !== -1 && end < length; end = bytes.indexOf(newline, start)) {
      const found = stepOf(bytes, start, end);
      if (found === null) damaged++;
      else losses.add(found.step, found.loss);
      start = end + 1;
    }
    const entry = parseEntry(bytes.toString("latin1", bytes.lastIndexOf(newline, length - 2) + 1, length));
    if (entry === null) return;
    last = entry;
    if (marks.length === 0 || entry.seconds - (marks.at(-1) as JournalEntry).seconds >= speedSeconds / 4)
      marks.push(entry);
    if (marks.length > 5) marks.shift();
  };
  return {
    get losses() {
      return losses;
    },
    get last() {
      return last;
    },
    get damaged() {
      return damaged;
    },
    get tokensPerSecond() {
      const [first] = marks;
      if (first === undefined || last === null || last.seconds <= first.seconds) return null;
      return (last.tokens - first.tokens) / (last.seconds - first.seconds);
    },
    read(buffer) {
      const descriptor = openIfThere(path);
      if (descriptor === null) return 0;
      try {
        const { ino, size } = fstatSync(descriptor);
        // A training that resumes writes its journal anew.
        if (ino !== file || size < offset) restart();
        file = ino;
        const count = readSync(descriptor, buffer, 0, Math.min(buffer.length, size - offset), offset);
        const end = count === 0 ? 0 : buffer.lastIndexOf(newline, count - 1) + 1;
        if (end > 0) addLines(buffer, end);
        // A line that fills the buffer is no step.
        const used = end === 0 && count === buffer.length ? count : end;
        offset += used;
        return used;
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

/** Null while a training has not begun, and where the disk does not let it be read now. */
function openIfThere(path: string): number | null {
  try {
    return openSync(path, "r");
  } catch {
    return null;
  }
}
