import { syntaxError } from "../template-error.js";
import { stripEnd, whitespace } from "../values/whitespace.js";
import type { TemplateSettings } from "../settings.js";
import { unescapeString } from "./string-literal.js";
import type { Token, TokenType } from "./tokens.js";

const s = `[${whitespace}]*`;
/** The start of a tag, with the sign after it that controls whitespace. */
const tagStart = new RegExp(`\\{%([-+]?)${s}raw${s}(?:-%\\}${s}|%\\})|\\{\\{([-+]?)|\\{#([-+]?)|\\{%([-+]?)`, "g");
const endings = (lineBreak: string) => ({
  raw: new RegExp(`\\{%([-+]?)${s}endraw${s}(?:\\+%\\}|-%\\}${s}|%\\}${lineBreak})`, "g"),
  comment: new RegExp(`\\+#\\}|-#\\}${s}|#\\}${lineBreak}`, "g"),
  block: new RegExp(`\\+%\\}|-%\\}${s}|%\\}${lineBreak}`, "y"),
});
const plainEnds = endings("");
const trimmingEnds = endings("\\n?");
const variableEnd = new RegExp(`-\\}\\}${s}|\\}\\}`, "y");

const expressionRules: readonly (readonly [TokenType | "whitespace", RegExp])[] = [
  ["whitespace", new RegExp(`[${whitespace}]+`, "y")],
  ["float", /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy],
  ["integer", /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy],
  ["name", /[\p{ID_Continue}\p{N}_]+/uy],
  ["string", /'[^'\\]*(?:\\[^][^'\\]*)*'|"[^"\\]*(?:\\[^][^"\\]*)*"/y],
  ["operator", /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y],
];

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** Splits a template into tokens. */
export function tokenize(template: string, settings: TemplateSettings): Token[] {
  const lines = template.replace(/\r\n?/g, "\n");
  return new Lexer(settings.keepsTrailingNewline ? lines : lines.replace(/\n$/, ""), settings.trimsBlocks).tokens();
}

class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  /** The position up to which line breaks are counted. */
  #counted = 0;
  readonly #trims: boolean;
  readonly #ends: ReturnType<typeof endings>;

  constructor(source: string, trims: boolean) {
    this.#source = source;
    this.#trims = trims;
    this.#ends = trims ? trimmingEnds : plainEnds;
  }

  tokens(): Token[] {
    while (this.#at < this.#source.length) this.#data();
    this.#push("end", "");
    return this.#tokens;
  }

  #push(type: TokenType, text: string, at = this.#at): void {
    this.#tokens.push({ type, text, line: this.#lineAt(at) });
  }

  #lineAt(at: number): number {
    for (; this.#counted < at; this.#counted++) if (this.#source[this.#counted] === "\n") this.#line++;
    return this.#line;
  }

  #search(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#source);
  }

  /** Text up to the next tag, and the tag. */
  #data(): void {
    const match = this.#search(tagStart);
    if (match === null) {
      this.#push("data", this.#source.slice(this.#at));
      this.#at = this.#source.length;
      return;
    }
    const [all, raw, variable, comment, block] = match;
    const isVariable = variable !== undefined;
    this.#text(match.index, raw ?? variable ?? comment ?? block, !isVariable);
    this.#at = match.index + all.length;
    if (raw !== undefined) this.#raw();
    else if (comment !== undefined) this.#comment();
    else if (isVariable) this.#expression("variableBegin", "variableEnd", variableEnd, match.index);
    else this.#expression("blockBegin", "blockEnd", this.#ends.block, match.index);
  }

  /** Emits the text before a tag, without the whitespace that the tag's sign or `lstrip_blocks` removes. */
  #text(end: number, sign: string, stripsLine: boolean): void {
    const text = this.#source.slice(this.#at, end);
    let kept = text;
    if (sign === "-") kept = stripEnd(text);
    else if (sign !== "+" && stripsLine && this.#trims) {
      const lineStart = text.lastIndexOf("\n") + 1;
      const startsLine = lineStart > 0 || this.#at === 0 || this.#source[this.#at - 1] === "\n";
      if (startsLine && stripEnd(text.slice(lineStart)) === "") kept = text.slice(0, lineStart);
    }
    if (kept !== "") this.#push("data", kept);
  }

  #comment(): void {
    if (this.#at === this.#source.length) return;
    const match = this.#search(this.#ends.comment);
    if (match === null) throw syntaxError("Missing end of comment tag", this.#lineAt(this.#at));
    this.#at = match.index + match[0].length;
  }

  #raw(): void {
    if (this.#at === this.#source.length) return;
    const match = this.#search(this.#ends.raw);
    if (match === null) throw syntaxError("Missing end of raw directive", this.#lineAt(this.#at));
    this.#text(match.index, match[1], true);
    this.#at = match.index + match[0].length;
  }

  #expression(begin: TokenType, end: TokenType, endPattern: RegExp, start: number): void {
    this.#push(begin, "", start);
    const open: string[] = [];
    while (this.#at < this.#source.length) {
      const ending = open.length === 0 ? this.#search(endPattern) : null;
      if (ending !== null) {
        this.#push(end, "");
        this.#at += ending[0].length;
        return;
      }
      this.#expressionToken(open);
    }
  }

  #expressionToken(open: string[]): void {
    const line = this.#lineAt(this.#at);
    for (const [type, pattern] of expressionRules) {
      const match = this.#search(pattern);
      if (match === null) continue;
      const [text] = match;
      if (type === "operator") this.#balance(text, open, line);
      if (type === "name" && !/^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(text))
        throw syntaxError("Invalid character in identifier", line);
      if (type === "string") this.#push(type, unescapeString(text.slice(1, -1), line));
      else if (type !== "whitespace") this.#push(type, type === "name" ? text : text.replaceAll("_", ""));
      this.#at += text.length;
      return;
    }
    throw syntaxError(`unexpected char '${String.fromCodePoint(this.#source.codePointAt(this.#at) as number)}'`, line);
  }

  #balance(operator: string, open: string[], line: number): void {
    if (operator in closing) open.push(closing[operator]);
    if (operator !== ")" && operator !== "]" && operator !== "}") return;
    const expected = open.pop();
    if (expected === undefined) throw syntaxError(`unexpected '${operator}'`, line);
    if (expected !== operator) throw syntaxError(`unexpected '${operator}', expected '${expected}'`, line);
  }
}
