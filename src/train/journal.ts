import { existsSync, readFileSync } from "node:fs";
import { appendLine, writeFileAtomic } from "../files/atomic-file.js";

/** One line of journal.jsonl. */
export interface JournalEntry {
  readonly step: number;
  /** Mean over the predicted tokens of the step, before its update. */
  readonly loss: number;
  readonly learningRate: number;
  /** Global norm before clipping. */
  readonly gradientNorm: number;
  /** Tokens predicted so far. */
  readonly tokens: number;
  /** Seconds of training so far, interruptions excluded. */
  readonly seconds: number;
}

/** A line that a crash cut short ends the journal. */
export function readJournal(path: string): JournalEntry[] {
  if (!existsSync(path)) return [];
  const entries: JournalEntry[] = [];
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (line === "") continue;
    try {
      entries.push(JSON.parse(line) as JournalEntry);
    } catch {
      break;
    }
  }
  return entries;
}

/**
 * Keeps the entries up to a step: what a resumed part repeats is not in the journal twice.
 *
 * @returns the last entry kept, or null
 */
export function truncateJournal(path: string, lastStep: number): JournalEntry | null {
  const kept = readJournal(path).filter(({ step }) => step <= lastStep);
  writeFileAtomic(path, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  return kept.at(-1) ?? null;
}

export function appendJournal(path: string, entry: JournalEntry): void {
  appendLine(path, JSON.stringify(entry));
}
