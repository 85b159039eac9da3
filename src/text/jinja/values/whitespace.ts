/** The characters that Python's `str.isspace` and `\s` match, for use in a character class. */
export const whitespace = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

const leading = new RegExp(`^[${whitespace}]+`);
const trailing = new RegExp(`[${whitespace}]$`);
const character = new RegExp(`[${whitespace}]`);

export function stripStart(text: string): string {
  return text.replace(leading, "");
}

export function stripEnd(text: string): string {
  if (!trailing.test(text)) return text;
  let end = text.length - 1;
  while (end > 0 && character.test(text[end - 1])) end--;
  return text.slice(0, end);
}

export function isWhitespace(text: string): boolean {
  return text !== "" && stripStart(text) === "";
}

/** The characters that end a line in Python, with `\r\n` as one end. */
const lineEnds = "\\n-\\r\\x1c-\\x1e\\x85\\u2028\\u2029";
const lines = new RegExp(`[^${lineEnds}]*(?:\\r\\n|[${lineEnds}])|[^${lineEnds}]+$`, "g");
const lineEnd = new RegExp(`(?:\\r\\n|[${lineEnds}])$`);

/** The lines of a text with their ends. */
export function linesWithEnds(text: string): string[] {
  return text.match(lines) ?? [];
}

export function withoutLineEnd(line: string): string {
  return line.replace(lineEnd, "");
}
