import { existsSync, readFileSync } from "node:fs";
import { appendLine, writeFileAtomic } from "./atomic-file.js";

/** How entries become JSON and back, where plain JSON does not hold them. */
export interface JournalForm {
  readonly replacer?: (key: string, value: unknown) => unknown;
  readonly reviver?: (key: string, value: unknown) => unknown;
}

/**
 * The entries of a journal, one JSON value a line; none if there is no file. A line that a crash cut short, and what
 * follows it, is dropped.
 */
export function readJournal<Entry>(path: string, { reviver }: JournalForm = {}): Entry[] {
  if (!existsSync(path)) return [];
  const entries: Entry[] = [];
  // Without its line break a line is not whole.
  for (const line of readFileSync(path, "utf8").split("\n").slice(0, -1)) {
    try {
      entries.push(JSON.parse(line, reviver) as Entry);
    } catch {
      break;
    }
  }
  return entries;
}

/** Replaces a journal by these entries: what is appended then stands on a line of its own. */
export function rewriteJournal(path: string, entries: readonly unknown[], form: JournalForm = {}): void {
  writeFileAtomic(path, entries.map((entry) => `${lineOf(entry, form)}\n`).join(""));
}

/** @throws StrataError when the disk is full */
export function appendJournal(path: string, entry: unknown, form: JournalForm = {}): void {
  appendLine(path, lineOf(entry, form));
}

function lineOf(entry: unknown, { replacer }: JournalForm): string {
  return JSON.stringify(entry, replacer);
}
