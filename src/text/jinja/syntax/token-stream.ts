import { syntaxError, type TemplateError } from "../template-error.js";
import { describeToken, type Token, type TokenType } from "./tokens.js";

export class TokenStream {
  readonly #tokens: readonly Token[];
  #at = 0;

  /** @param tokens  the last one has the type `end` */
  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get current(): Token {
    return this.#tokens[this.#at];
  }

  get following(): Token {
    return this.#tokens[Math.min(this.#at + 1, this.#tokens.length - 1)];
  }

  /** Returns the current token and moves to the next one. */
  next(): Token {
    const token = this.current;
    if (this.#at < this.#tokens.length - 1) this.#at++;
    return token;
  }

  is(type: TokenType, text?: string): boolean {
    return this.current.type === type && (text === undefined || this.current.text === text);
  }

  isOperator(...texts: readonly string[]): boolean {
    return this.current.type === "operator" && texts.includes(this.current.text);
  }

  isName(...texts: readonly string[]): boolean {
    return this.current.type === "name" && texts.includes(this.current.text);
  }

  skipIf(type: TokenType, text: string): boolean {
    const found = this.is(type, text);
    if (found) this.next();
    return found;
  }

  expect(type: TokenType, text?: string): Token {
    if (this.is(type, text)) return this.next();
    const expected = describeToken({ type, text: text ?? type });
    throw this.is("end")
      ? this.fail(`unexpected end of template, expected '${expected}'`)
      : this.fail(`expected token '${expected}', got '${describeToken(this.current)}'`);
  }

  fail(message: string, line = this.current.line): TemplateError {
    return syntaxError(message, line);
  }
}
