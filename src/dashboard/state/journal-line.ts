import type { JournalEntry } from "../../train/journal.js";

const stepKey = Buffer.from(`{"step":`);
const lossKey = Buffer.from(`,"loss":`);
const [comma, point, zero, nine] = [44, 46, 48, 57];

/**
 * The step and the loss of a line: without a text of it if it begins as the training writes it.
 *
 * @param start  of the line in `bytes`
 * @param end  of its newline
 * @returns null if the line is no step
 */
export function stepOf(bytes: Buffer, start: number, end: number): Pick<JournalEntry, "step" | "loss"> | null {
  const parsed = () => parseEntry(bytes.toString("latin1", start, end));
  if (!hasKey(bytes, start, stepKey)) return parsed();
  let step = 0;
  let at = start + stepKey.length;
  for (; isDigit(bytes[at]); at++) step = 10 * step + bytes[at] - zero;
  if (!hasKey(bytes, at, lossKey)) return parsed();
  const from = at + lossKey.length;
  const to = bytes.indexOf(comma, from);
  if (to === -1 || to > end) return parsed();
  return Number.isSafeInteger(step) && step > 0 ? { step, loss: numberAt(bytes, from, to) } : null;
}

/** Null if the line is no step. */
export function parseEntry(line: string): JournalEntry | null {
  try {
    const entry = JSON.parse(line) as JournalEntry;
    return Number.isSafeInteger(entry?.step) && entry.step > 0 ? entry : null;
  } catch {
    return null;
  }
}

/** The number that JavaScript reads there: a quotient of two integers that are exact in f64 is rounded once. */
function numberAt(bytes: Buffer, from: number, to: number): number {
  let digits = 0;
  let decimals = -1;
  let at = from;
  for (; at < to; at++) {
    const byte = bytes[at];
    if (isDigit(byte)) digits = 10 * digits + byte - zero;
    else if (byte !== point || decimals !== -1) break;
    if (decimals !== -1 || byte === point) decimals++;
  }
  const isExact = at === to && digits <= Number.MAX_SAFE_INTEGER && decimals <= 22 && to > from;
  if (!isExact) return Number(bytes.toString("latin1", from, to));
  return decimals > 0 ? digits / 10 ** decimals : digits;
}

function hasKey(bytes: Buffer, at: number, key: Buffer): boolean {
  for (let i = 0; i < key.length; i++) if (bytes[at + i] !== key[i]) return false;
  return true;
}

const isDigit = (byte: number) => byte >= zero && byte <= nine;
