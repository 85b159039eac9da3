import { valueError } from "../template-error.js";
import { isWhitespace, stripStart } from "../values/whitespace.js";
import { characters, lengthOf } from "../values/code-points.js";

export interface WrapOptions {
  readonly width: number;
  readonly breakLongWords: boolean;
  readonly breakOnHyphens: boolean;
}

// The pieces of Python's textwrap, whose spaces are those of ASCII.
const letter = "[\\p{L}\\p{Nl}\\p{No}_]";
const space = "\\t\\n\\v\\f\\r ";
const punctuation = "[\\p{L}\\p{N}_!\"'&.,?]";
const notSpace = `[^${space}]`;
const hyphenated =
  `([${space}]+|(?<=${punctuation})-{2,}(?=[\\p{L}\\p{N}_])|${notSpace}+?(?:` +
  `-(?:(?<=${letter}{2}-)|(?<=${letter}-${letter}-))(?=${letter}-?${letter})|` +
  `(?=[${space}]|$)|(?<=${punctuation})(?=-{2,}[\\p{L}\\p{N}_])))`;
const hyphenPattern = new RegExp(hyphenated, "u");
const spacePattern = new RegExp(`([${space}]+)`);

/** The lines of a paragraph, as Python's `textwrap.wrap` breaks it without changing its whitespace. */
export function wrapText(text: string, { width, breakLongWords, breakOnHyphens }: WrapOptions): string[] {
  if (width <= 0) throw valueError(`invalid width ${width} (must be > 0)`);
  const chunks = text
    .split(breakOnHyphens ? hyphenPattern : spacePattern)
    .filter((chunk) => chunk !== "" && chunk !== undefined);
  const lines: string[] = [];
  chunks.reverse();
  while (chunks.length > 0) {
    const line: string[] = [];
    let used = 0;
    if (isWhitespace(chunks[chunks.length - 1]) && lines.length > 0) chunks.pop();
    while (chunks.length > 0 && used + lengthOf(chunks[chunks.length - 1]) <= width) {
      const chunk = chunks.pop() as string;
      used += lengthOf(chunk);
      line.push(chunk);
    }
    if (chunks.length > 0 && lengthOf(chunks[chunks.length - 1]) > width) {
      breakChunk(chunks, line, width - used, breakLongWords, breakOnHyphens);
    }
    if (line.length > 0 && stripStart(line[line.length - 1]) === "") line.pop();
    if (line.length > 0) lines.push(line.join(""));
  }
  return lines;
}

/** Moves the start of a chunk that is longer than a line to the line. */
function breakChunk(chunks: string[], line: string[], room: number, breakLongWords: boolean, onHyphens: boolean): void {
  const chunk = characters(chunks[chunks.length - 1]);
  if (!breakLongWords) {
    if (line.length === 0) line.push(chunks.pop() as string);
    return;
  }
  let end = room;
  if (onHyphens && room > 0 && chunk.length > room) {
    const hyphen = chunk.lastIndexOf("-", room - 1);
    if (hyphen > 0 && chunk.slice(0, hyphen).some((char) => char !== "-")) end = hyphen + 1;
  }
  line.push(chunk.slice(0, end).join(""));
  chunks[chunks.length - 1] = chunk.slice(end).join("");
}
