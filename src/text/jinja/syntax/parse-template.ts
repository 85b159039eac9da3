import type { TemplateSettings } from "../settings.js";
import { tokenize } from "./lexer.js";
import type { Expression, Output, Statement } from "./nodes.js";
import { parseExpression } from "./parse-expression.js";
import { parseTuple } from "./parse-primary.js";
import { parseStatement, type StatementParser } from "./parse-statement.js";
import type { TupleOptions } from "./parser.js";
import { TokenStream } from "./token-stream.js";
import { describeToken } from "./tokens.js";

/** Parses a template. @throws TemplateError if its syntax is wrong, or a tag is not supported */
export function parseTemplate(source: string, settings: TemplateSettings): readonly Statement[] {
  const stream = new TokenStream(tokenize(source, settings));
  const parser: StatementParser = {
    stream,
    expression: (condition) => parseExpression(parser, condition),
    tuple: (options?: TupleOptions) => parseTuple(parser, options),
    body: (...ends) => parseBody(parser, ends),
  };
  return parseUntil(parser, []);
}

/** The statements up to one of the tags `ends`, at whose name the stream is then. */
function parseBody(parser: StatementParser, ends: readonly string[]): readonly Statement[] {
  const { stream } = parser;
  stream.skipIf("operator", ":");
  stream.expect("blockEnd");
  const body = parseUntil(parser, ends);
  if (!stream.is("end")) return body;
  throw stream.fail(`Unexpected end of template. Jinja was looking for the following tags: ${quoted(ends)}`);
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(" or ");
}

function parseUntil(parser: StatementParser, ends: readonly string[]): readonly Statement[] {
  const { stream } = parser;
  const body: Statement[] = [];
  let items: Output["items"][number][] = [];
  let { line } = stream.current;
  const add = (item: Output["items"][number], itemLine: number): void => {
    if (items.length === 0) line = itemLine;
    items.push(item);
  };
  const flush = (): void => {
    if (items.length > 0) body.push({ kind: "output", items, line });
    items = [];
  };
  while (!stream.is("end")) {
    const token = stream.next();
    if (token.type === "data") add({ kind: "data", text: token.text }, token.line);
    else if (token.type === "variableBegin") {
      add(parser.tuple() as Expression, token.line);
      stream.expect("variableEnd");
    } else {
      flush();
      if (stream.is("name") && ends.includes(stream.current.text)) return body;
      if (!stream.is("name")) throw stream.fail(`tag name expected, got '${describeToken(stream.current)}'`);
      body.push(parseStatement(parser));
      stream.expect("blockEnd");
    }
  }
  flush();
  return body;
}
