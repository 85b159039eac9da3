import { damagedLine, damageNote, readJournal, rewriteJournal, type DamagedLine } from "../files/journal.js";

/** One line of journal.jsonl. */
export interface JournalEntry {
  readonly step: number;
  /** Mean over the predicted tokens of the step, before its update. */
  readonly loss: number;
  readonly learningRate: number;
  /** Global norm of the gradient before clipping; null if it was not finite: then the step changed no weight. */
  readonly gradientNorm: number | null;
  /** What the loss was multiplied by; absent for a compute dtype that needs no scaling. */
  readonly lossScale?: number;
  /** Tokens predicted so far. */
  readonly tokens: number;
  /** Seconds of training so far, interruptions excluded. */
  readonly seconds: number;
}

/**
 * Reads the lines of the first steps.
 *
 * @param hint  what to try where they are damaged
 * @param note  receives a damaged line after them
 * @throws StrataError unless all of them are there: nothing else records these facts
 */
export function readSteps(
  path: string,
  steps: number,
  hint: string,
  note: (line: string) => void = () => {},
): readonly JournalEntry[] {
  const damages: DamagedLine[] = [];
  const all = readJournal<JournalEntry>(path, {}, (damage) => damages.push(damage));
  const entries = all.slice(0, steps);
  if (entries.length < steps || !entries.every(({ step }, i) => step === i + 1)) {
    const incomplete = { where: path, expected: `the lines of steps 1 to ${steps}`, got: `${all.length} lines` };
    throw damagedLine(damages[0] ?? incomplete, hint);
  }
  for (const damage of damages) note(damageNote(damage));
  return entries;
}

/**
 * Keeps the entries up to a step, so that steps which a resumed part repeats are not in the journal twice.
 *
 * @param lastStep  of the checkpoint; 0 without one
 * @param note      receives a damaged line after this step, which is done again
 * @returns the last entry kept, or null
 * @throws StrataError if a line up to this step is damaged
 */
export function truncateJournal(path: string, lastStep: number, note?: (line: string) => void): JournalEntry | null {
  const hint =
    "The losses of these steps are recorded nowhere else: remove checkpoint.safetensors in the same folder and run " +
    "again; this part starts again.";
  const kept = readSteps(path, lastStep, hint, note);
  rewriteJournal(path, kept);
  return kept.at(-1) ?? null;
}
