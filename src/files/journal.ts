import { StrataError } from "../errors/strata-error.js";
import { appendLine, writeFileAtomic } from "./atomic-file.js";
import { crcDigits, crcOf, formatCrc } from "./crc32.js";
import { completeLines } from "./json-lines.js";

/** Conversion of entries that plain JSON cannot represent. */
export interface JournalForm {
  readonly replacer?: (key: string, value: unknown) => unknown;
  readonly reviver?: (key: string, value: unknown) => unknown;
}

/** A complete line that is not as it was written. */
export interface DamagedLine {
  /** `FILE:LINE`, from 1. */
  readonly where: string;
  readonly expected: string;
  readonly got: string;
}

/**
 * Reads a journal: one JSON object per line, whose last member `crc32` is the CRC-32 of the line without this member.
 * Empty if the file does not exist. A line that a crash truncated is dropped. A complete line without its checksum is
 * damaged: it is never used, and it is dropped with everything after it.
 *
 * @param onDamage  by default throws an error
 */
export function readJournal<Entry extends object>(
  path: string,
  form: JournalForm = {},
  onDamage: (damage: DamagedLine) => void = refuseLine,
): Entry[] {
  const entries: Entry[] = [];
  for (const { entry } of journalLines<Entry>(path, form, onDamage)) entries.push(entry);
  return entries;
}

/** One line of a journal. */
export interface JournalLine<Entry> {
  readonly entry: Entry;
  /** Position in the file after it. */
  readonly end: number;
}

/**
 * As `readJournal`, one line in memory at a time.
 *
 * @param from  position where a line begins; damaged lines are counted from it
 */
export function* journalLines<Entry extends object>(
  path: string,
  { reviver }: JournalForm = {},
  onDamage: (damage: DamagedLine) => void = refuseLine,
  from = 0,
): Generator<JournalLine<Entry>> {
  let [end, number] = [from, 0];
  for (const line of completeLines(path, from)) {
    end += Buffer.byteLength(line) + 1;
    number++;
    const found = checkLine(line);
    if ("got" in found) {
      onDamage({ where: `${path}:${number}`, ...found });
      return;
    }
    yield { entry: JSON.parse(found.text, reviver) as Entry, end };
  }
}

function refuseLine(damage: DamagedLine): never {
  throw damagedLine(damage, "The file was damaged after it was written: copy it again, or remove it and run again.");
}

export function damagedLine(damage: DamagedLine, hint: string): StrataError {
  return new StrataError("FileError", { ...damage, hint });
}

/** What a log says of a journal whose damaged end is computed again. */
export function damageNote({ where, expected, got }: DamagedLine): string {
  return `${where} is damaged: expected ${expected}, got ${got}; it and what follows it is done again`;
}

/** Replaces the journal, so that the next append starts on a new line even after a truncated one. */
export function rewriteJournal(path: string, entries: readonly object[], form: JournalForm = {}): void {
  writeFileAtomic(path, entries.map((entry) => `${lineOf(entry, form)}\n`).join(""));
}

/** @throws StrataError if the disk is full */
export function appendJournal(path: string, entry: object, form: JournalForm = {}): void {
  appendLine(path, lineOf(entry, form));
}

const memberStart = `"crc32":"`;
const memberLength = memberStart.length + crcDigits + `"}`.length;

function lineOf(entry: object, { replacer }: JournalForm): string {
  const text = JSON.stringify(entry, replacer);
  const members = text.slice(0, -1);
  return `${members}${members === "{" ? "" : ","}${memberStart}${formatCrc(crcOf(text))}"}`;
}

/** @returns the line without its checksum, or how it is damaged */
function checkLine(line: string): { readonly text: string } | Omit<DamagedLine, "where"> {
  const [members, member] = [line.slice(0, -memberLength), line.slice(-memberLength)];
  const digits = /^"crc32":"([0-9a-f]+)"\}$/.exec(member)?.[1];
  if (digits === undefined) return { expected: "a line that ends with its crc32", got: shown(line) };
  const text = `${members.endsWith(",") ? members.slice(0, -1) : members}}`;
  const crc = formatCrc(crcOf(text));
  return crc === digits ? { text } : { expected: `checksum ${digits}, as written`, got: crc };
}

function shown(line: string): string {
  const end = line.length > 40 ? `…${line.slice(-40)}` : line;
  return JSON.stringify(end);
}
