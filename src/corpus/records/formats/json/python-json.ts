import { orderedObject } from "../../../../text/ordered-object.js";
import { PythonFloat } from "../../../../text/python-float.js";

/**
 * Parses JSON as Python's `json` does: also `NaN`, `Infinity` and `-Infinity`; whole numbers keep all digits (a bigint
 * beyond 2^53), and whole numbers that are written as floats, such as `18.0`, become a `PythonFloat`. An object inside
 * the value is a Map if its order needs one: see `orderedObject`.
 *
 * @throws SyntaxError if the text is not one value; RangeError if it is nested too deeply
 */
export function parsePythonJson(text: string): unknown {
  const [value, end] = parseValue(text, skipSpace(text, 0));
  if (skipSpace(text, end) < text.length) throw new SyntaxError(`text after the value at position ${end}`);
  return value instanceof Map ? Object.fromEntries(value) : value;
}

/** A value and the position after it. */
type Parsed<T = unknown> = readonly [value: T, end: number];

const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const word = /true|false|null|NaN|-?Infinity/y;
const words: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  null: null,
  NaN,
  Infinity,
  "-Infinity": -Infinity,
};

function parseValue(text: string, at: number): Parsed {
  const first = text[at];
  if (first === "{") return parseObject(text, at);
  if (first === "[") return parseArray(text, at);
  if (first === '"') return parseString(text, at);
  word.lastIndex = at;
  const found = word.exec(text)?.[0];
  return found === undefined ? parseNumber(text, at) : [words[found], at + found.length];
}

function parseNumber(text: string, at: number): Parsed {
  number.lastIndex = at;
  const match = number.exec(text);
  if (match === null) throw new SyntaxError(`no value at position ${at}`);
  const [literal, fraction, exponent] = match;
  const value = Number(literal);
  const end = at + literal.length;
  if (fraction !== undefined || exponent !== undefined)
    return [Number.isInteger(value) ? new PythonFloat(value) : value, end];
  return [Number.isSafeInteger(value) ? value : BigInt(literal), end];
}

function parseString(text: string, at: number): Parsed<string> {
  for (let end = text.indexOf('"', at + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return [JSON.parse(text.slice(at, end + 1)) as string, end + 1];
  }
  throw new SyntaxError(`an open string at position ${at}`);
}

function parseArray(text: string, open: number): Parsed {
  const values: unknown[] = [];
  let at = skipSpace(text, open + 1);
  if (text[at] === "]") return [values, at + 1];
  for (;;) {
    const [value, end] = parseValue(text, at);
    values.push(value);
    at = skipSpace(text, end);
    if (text[at] === "]") return [values, at + 1];
    at = skipSpace(text, expect(text, at, ","));
  }
}

function parseObject(text: string, open: number): Parsed {
  const members: [string, unknown][] = [];
  let at = skipSpace(text, open + 1);
  if (text[at] === "}") return [{}, at + 1];
  for (;;) {
    expect(text, at, '"');
    const [key, keyEnd] = parseString(text, at);
    const colon = expect(text, skipSpace(text, keyEnd), ":");
    const [value, end] = parseValue(text, skipSpace(text, colon));
    members.push([key, value]);
    at = skipSpace(text, end);
    if (text[at] === "}") return [orderedObject(members), at + 1];
    at = skipSpace(text, expect(text, at, ","));
  }
}

/** @returns the position after the character */
function expect(text: string, at: number, character: string): number {
  if (text[at] !== character) throw new SyntaxError(`no ${character} at position ${at}`);
  return at + 1;
}

function skipSpace(text: string, at: number): number {
  space.lastIndex = at;
  return at + (space.exec(text)?.[0].length ?? 0);
}
