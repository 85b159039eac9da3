import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { appendLine, writeFileAtomic } from "./atomic-file.js";

const chunkBytes = 1 << 18;

/** Conversion of entries that plain JSON cannot represent. */
export interface JournalForm {
  readonly replacer?: (key: string, value: unknown) => unknown;
  readonly reviver?: (key: string, value: unknown) => unknown;
}

/**
 * Reads a journal, one JSON value per line; empty if the file does not exist. A line that a crash truncated is dropped,
 * with everything after it.
 */
export function readJournal<Entry>(path: string, form: JournalForm = {}): Entry[] {
  return [...streamJournal<Entry>(path, form)];
}

/** As `readJournal`, with one entry in memory at a time. */
export function* streamJournal<Entry>(path: string, { reviver }: JournalForm = {}): Generator<Entry> {
  if (!existsSync(path)) return;
  for (const line of completeLines(path)) {
    let entry: Entry;
    try {
      entry = JSON.parse(line, reviver) as Entry;
    } catch {
      return;
    }
    yield entry;
  }
}

/** A line without a line break is incomplete. */
function* completeLines(path: string): Generator<string> {
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    let begun: Buffer[] = [];
    for (let bytes = readSync(file, buffer); bytes > 0; bytes = readSync(file, buffer)) {
      const chunk = buffer.subarray(0, bytes);
      let start = 0;
      for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", start)) {
        yield Buffer.concat([...begun, chunk.subarray(start, end)]).toString();
        begun = [];
        start = end + 1;
      }
      begun.push(Buffer.from(chunk.subarray(start)));
    }
  } finally {
    closeSync(file);
  }
}

/** Replaces the journal, so that the next append starts on a new line even after a truncated one. */
export function rewriteJournal(path: string, entries: readonly unknown[], form: JournalForm = {}): void {
  writeFileAtomic(path, entries.map((entry) => `${lineOf(entry, form)}\n`).join(""));
}

/** @throws StrataError if the disk is full */
export function appendJournal(path: string, entry: unknown, form: JournalForm = {}): void {
  appendLine(path, lineOf(entry, form));
}

function lineOf(entry: unknown, { replacer }: JournalForm): string {
  return JSON.stringify(entry, replacer);
}
