import { existsSync } from "node:fs";
import { readJournal, rewriteJournal } from "../files/journal.js";

/** One line of journal.jsonl. */
export interface JournalEntry {
  readonly step: number;
  /** Mean over the predicted tokens of the step, before its update. */
  readonly loss: number;
  readonly learningRate: number;
  /** Global norm of the gradient before clipping. */
  readonly gradientNorm: number;
  /** Tokens predicted so far. */
  readonly tokens: number;
  /** Seconds of training so far, interruptions excluded. */
  readonly seconds: number;
}

/**
 * Keeps the entries up to a step, so that steps which a resumed part repeats are not in the journal twice.
 *
 * @returns the last entry kept, or null
 */
export function truncateJournal(path: string, lastStep: number): JournalEntry | null {
  if (!existsSync(path)) return null;
  const kept = readJournal<JournalEntry>(path).filter(({ step }) => step <= lastStep);
  rewriteJournal(path, kept);
  return kept.at(-1) ?? null;
}
