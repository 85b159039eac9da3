import { unsupported } from "../template-error.js";
import type { Block, CallBlock, Expression, Filter, For, If, Macro, Name, Parameters, Statement } from "./nodes.js";
import { parseFilters } from "./parse-postfix.js";
import type { ExpressionParser, TupleEnd } from "./parser.js";
import { setNameUse } from "./targets.js";

export interface StatementParser extends ExpressionParser {
  /** The statements up to one of the tags `ends`, at whose name the stream is then. */
  readonly body: (...ends: readonly string[]) => readonly Statement[];
}

const parsers: Readonly<Record<string, (parser: StatementParser, line: number) => Statement>> = {
  for: parseFor,
  if: parseIf,
  set: parseSet,
  with: parseWith,
  macro: parseMacro,
  call: parseCallBlock,
  filter: parseFilterBlock,
  block: parseBlock,
  print: parsePrint,
  generation: parseGeneration,
  break: (_, line) => ({ kind: "break", line }),
  continue: (_, line) => ({ kind: "continue", line }),
};

const refused = ["autoescape", "extends", "include", "import", "from"];

/** Parses the statement at whose name the stream is. */
export function parseStatement(parser: StatementParser): Statement {
  const { text, line } = parser.stream.next();
  if (refused.includes(text)) throw unsupported(`the tag "${text}"`, line);
  if (!Object.hasOwn(parsers, text)) throw parser.stream.fail(`Encountered unknown tag '${text}'`, line);
  return parsers[text](parser, line);
}

/** As `body`, and skips the name of the end tag. */
function bodyBefore(parser: StatementParser, end: string): readonly Statement[] {
  const body = parser.body(end);
  parser.stream.next();
  return body;
}

function parseTarget(parser: StatementParser, namespace: boolean, end?: TupleEnd): Expression {
  return setNameUse(parser.tuple({ simple: true, namespace, end }), "store", parser.stream);
}

function parseName(parser: StatementParser, use: Name["use"]): Name {
  const { text, line } = parser.stream.expect("name");
  const name: Name = { kind: "name", name: text, use, line };
  setNameUse(name, use, parser.stream);
  return name;
}

function parseFor(parser: StatementParser, line: number): For {
  const { stream } = parser;
  const target = parseTarget(parser, false, { type: "name", text: "in" });
  stream.expect("name", "in");
  const iterable = parser.tuple({ condition: false, end: { type: "name", text: "recursive" } });
  const test = stream.skipIf("name", "if") ? parser.expression() : null;
  const recursive = stream.skipIf("name", "recursive");
  const body = parser.body("endfor", "else");
  const otherwise = stream.next().text === "else" ? bodyBefore(parser, "endfor") : [];
  return { kind: "for", target, iterable, body, otherwise, test, recursive, line };
}

function parseIf(parser: StatementParser, line: number): If {
  const { stream } = parser;
  const branch = (at: number): If => {
    const test = parser.tuple({ condition: false });
    const body = parser.body("elif", "else", "endif");
    return { kind: "if", test, body, elifs: [], otherwise: [], line: at };
  };
  const first = branch(line);
  const elifs: If[] = [];
  for (;;) {
    const { text } = stream.next();
    if (text === "elif") elifs.push(branch(stream.current.line));
    else return { ...first, elifs, otherwise: text === "else" ? bodyBefore(parser, "endif") : [] };
  }
}

function parseSet(parser: StatementParser, line: number): Statement {
  const target = parseTarget(parser, true);
  if (parser.stream.skipIf("operator", "=")) return { kind: "assign", target, value: parser.tuple(), line };
  const filter = parseFilters(parser, null) as Filter | null;
  return { kind: "assignBlock", target, filter, body: bodyBefore(parser, "endset"), line };
}

function parseWith(parser: StatementParser, line: number): Statement {
  const { stream } = parser;
  const targets: Expression[] = [];
  const values: Expression[] = [];
  while (!stream.is("blockEnd")) {
    if (targets.length > 0) stream.expect("operator", ",");
    targets.push(setNameUse(parser.tuple({ simple: true }), "parameter", stream));
    stream.expect("operator", "=");
    values.push(parser.expression());
  }
  return { kind: "with", targets, values, body: bodyBefore(parser, "endwith"), line };
}

function parseParameters(parser: StatementParser): Parameters {
  const { stream } = parser;
  const names: Name[] = [];
  const defaults: Expression[] = [];
  stream.expect("operator", "(");
  while (!stream.isOperator(")")) {
    if (names.length > 0) stream.expect("operator", ",");
    const name = parseName(parser, "parameter");
    if (names.some((other) => other.name === name.name))
      throw stream.fail(`duplicate argument '${name.name}' in function definition`);
    if (stream.skipIf("operator", "=")) defaults.push(parser.expression());
    else if (defaults.length > 0) throw stream.fail("non-default argument follows default argument");
    names.push(name);
  }
  stream.next();
  return { names, defaults };
}

function parseMacro(parser: StatementParser, line: number): Macro {
  const { name } = parseName(parser, "store");
  const parameters = parseParameters(parser);
  return { kind: "macro", name, ...parameters, body: bodyBefore(parser, "endmacro"), line };
}

function parseCallBlock(parser: StatementParser, line: number): CallBlock {
  const { stream } = parser;
  const parameters = stream.isOperator("(") ? parseParameters(parser) : { names: [], defaults: [] };
  const call = parser.expression();
  if (call.kind !== "call") throw stream.fail("expected call", line);
  return { kind: "callBlock", call, ...parameters, body: bodyBefore(parser, "endcall"), line };
}

function parseGeneration(parser: StatementParser, line: number): CallBlock {
  return { kind: "callBlock", call: null, names: [], defaults: [], body: bodyBefore(parser, "endgeneration"), line };
}

function parseFilterBlock(parser: StatementParser, line: number): Statement {
  const filter = parseFilters(parser, null, true) as Filter;
  return { kind: "filterBlock", filter, body: bodyBefore(parser, "endfilter"), line };
}

function parseBlock(parser: StatementParser, line: number): Block {
  const { stream } = parser;
  const name = stream.expect("name").text;
  const scoped = stream.skipIf("name", "scoped");
  if (stream.isName("required")) throw unsupported("required blocks", line);
  const body = bodyBefore(parser, "endblock");
  stream.skipIf("name", name);
  return { kind: "block", name, scoped, body, line };
}

function parsePrint(parser: StatementParser, line: number): Statement {
  const { stream } = parser;
  const items: Expression[] = [];
  while (!stream.is("blockEnd")) {
    if (items.length > 0) stream.expect("operator", ",");
    items.push(parser.expression());
  }
  return { kind: "output", items, line };
}
