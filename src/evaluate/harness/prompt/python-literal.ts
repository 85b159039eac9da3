import { PythonFloat } from "../../../text/python-float.js";
import { unescapeString } from "../../../text/jinja/syntax/string-literal.js";
import { TemplateError } from "../../../text/jinja/template-error.js";
import { Dict, Tuple, type Value } from "../../../text/jinja/values/value.js";

const words: Readonly<Record<string, Value>> = { None: null, True: true, False: false };

/** Python's `ast.literal_eval`. @throws SyntaxError if the text is not a literal */
export function pythonLiteral(text: string): Value {
  const reader = new Reader(text.trim());
  try {
    const value = reader.value();
    reader.end();
    return value;
  } catch (error) {
    throw error instanceof TemplateError ? new SyntaxError(error.message) : error;
  }
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  end(): void {
    this.#space();
    if (this.#at < this.#text.length) throw this.#error();
  }

  value(): Value {
    this.#space();
    const char = this.#text[this.#at];
    if (char === "[") return this.#items("[", "]");
    if (char === "(") return this.#tuple();
    if (char === "{") return this.#dict();
    const word = this.#take(/(?:None|True|False)(?![\w])/y);
    if (word !== null) return words[word];
    const number = this.#take(/[-+]?(?:\d[\d_]*\.?[\d_]*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)/y);
    if (number !== null) return numberOf(number.replaceAll("_", ""));
    return this.#strings();
  }

  #items(open: string, close: string): Value[] {
    this.#expect(open);
    const items: Value[] = [];
    for (;;) {
      this.#space();
      if (this.#text[this.#at] === close) break;
      items.push(this.value());
      this.#space();
      if (this.#text[this.#at] !== ",") break;
      this.#at++;
    }
    this.#expect(close);
    return items;
  }

  #tuple(): Value {
    const start = this.#at;
    const items = this.#items("(", ")");
    const isGroup = items.length === 1 && !/,\s*\)$/.test(this.#text.slice(start, this.#at));
    return isGroup ? items[0] : new Tuple(items);
  }

  #dict(): Dict {
    this.#expect("{");
    const dict = new Dict();
    for (;;) {
      this.#space();
      if (this.#text[this.#at] === "}") break;
      const key = this.value();
      this.#space();
      this.#expect(":");
      dict.set(key, this.value());
      this.#space();
      if (this.#text[this.#at] !== ",") break;
      this.#at++;
    }
    this.#expect("}");
    return dict;
  }

  /** Strings that follow each other are one. */
  #strings(): string {
    let text = "";
    let count = 0;
    for (;;) {
      this.#space();
      const quoted = this.#take(/'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"/y);
      if (quoted === null) break;
      text += unescapeString(quoted.slice(1, -1), 1);
      count++;
    }
    if (count === 0) throw this.#error();
    return text;
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return null;
    this.#at += match[0].length;
    return match[0];
  }

  #space(): void {
    this.#take(/\s*/y);
  }

  #expect(char: string): void {
    if (this.#text[this.#at] !== char) throw this.#error();
    this.#at++;
  }

  #error(): SyntaxError {
    const found = this.#at < this.#text.length ? JSON.stringify(this.#text.slice(this.#at, this.#at + 20)) : "its end";
    return new SyntaxError(`not a literal of Python: unexpected ${found}`);
  }
}

function numberOf(text: string): Value {
  if (/[.eE]/.test(text)) return new PythonFloat(Number(text));
  const whole = Number(text);
  return Number.isSafeInteger(whole) ? whole : BigInt(text);
}
