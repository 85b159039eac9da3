import { existsSync, readFileSync } from "node:fs";
import { appendLine, writeFileAtomic } from "./atomic-file.js";

/** Conversion of entries that plain JSON cannot represent. */
export interface JournalForm {
  readonly replacer?: (key: string, value: unknown) => unknown;
  readonly reviver?: (key: string, value: unknown) => unknown;
}

/**
 * Reads a journal, one JSON value per line; empty if the file does not exist. A line that a crash truncated is dropped,
 * with everything after it.
 */
export function readJournal<Entry>(path: string, { reviver }: JournalForm = {}): Entry[] {
  if (!existsSync(path)) return [];
  const entries: Entry[] = [];
  // A line without a line break is incomplete.
  for (const line of readFileSync(path, "utf8").split("\n").slice(0, -1)) {
    try {
      entries.push(JSON.parse(line, reviver) as Entry);
    } catch {
      break;
    }
  }
  return entries;
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
