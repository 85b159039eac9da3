import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { JournalEntry } from "../../train/journal.js";
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
  /** Reads at most `limit` new bytes. @returns how many it read */
  read(limit: number): number;
}

const speedSeconds = 20;

/**
 * Follows a journal. A line is used once it is complete. The checksums of lines are not verified: the report does
 * that, and a page that is redrawn every second shows what is there.
 */
export function followJournal(path: string): JournalTail {
  let losses = createLossSummary();
  let file = 0;
  let offset = 0;
  let rest: Buffer = Buffer.alloc(0);
  let damaged = 0;
  let last: JournalEntry | null = null;
  let marks: JournalEntry[] = [];
  const restart = () => {
    losses = createLossSummary();
    [offset, damaged, last, marks, rest] = [0, 0, null, [], Buffer.alloc(0)];
  };
  const addLines = (text: string) => {
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; start = end + 1, end = text.indexOf("\n", start)) {
      const found = stepOf(text, start, end);
      if (found === null) damaged++;
      else losses.add(found.step, found.loss);
    }
    const entry = parseEntry(text.slice(text.lastIndexOf("\n", text.length - 2) + 1));
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
    read(limit) {
      const descriptor = openIfThere(path);
      if (descriptor === null) return 0;
      try {
        const { ino, size } = fstatSync(descriptor);
        // A training that resumes writes its journal anew.
        if (ino !== file || size < offset) restart();
        file = ino;
        const bytes = Buffer.allocUnsafe(Math.min(limit, size - offset));
        const count = readSync(descriptor, bytes, 0, bytes.length, offset);
        offset += count;
        const text = Buffer.concat([rest, bytes.subarray(0, count)]);
        const end = text.lastIndexOf(10) + 1;
        rest = Buffer.from(text.subarray(end));
        if (end > 0) addLines(text.toString("latin1", 0, end));
        return count;
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

/** The step and the loss of a line: without parsing all of it if it begins as the training writes it. */
function stepOf(text: string, start: number, end: number): Pick<JournalEntry, "step" | "loss"> | null {
  const [stepAt, lossAt] = [`{"step":`.length, `,"loss":`.length];
  const stepEnd = text.indexOf(",", start);
  const lossEnd = text.indexOf(",", stepEnd + 1);
  const isPlain = text.startsWith(`{"step":`, start) && text.startsWith(`,"loss":`, stepEnd) && lossEnd < end;
  if (!isPlain) return parseEntry(text.slice(start, end));
  const [step, loss] = [Number(text.slice(start + stepAt, stepEnd)), Number(text.slice(stepEnd + lossAt, lossEnd))];
  return Number.isSafeInteger(step) && step > 0 ? { step, loss } : null;
}

function parseEntry(line: string): JournalEntry | null {
  try {
    const entry = JSON.parse(line) as JournalEntry;
    return Number.isSafeInteger(entry?.step) && entry.step > 0 ? entry : null;
  } catch {
    return null;
  }
}
