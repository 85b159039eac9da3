import type { CallArgumentNodes, Expression, Filter, Slice, Test } from "./nodes.js";
import { parsePrimary } from "./parse-primary.js";
import type { ExpressionParser } from "./parser.js";

/** Attributes, items and calls after an expression. */
export function parsePostfix(parser: ExpressionParser, start: Expression): Expression {
  const { stream } = parser;
  let node = start;
  for (;;) {
    if (stream.isOperator(".", "[")) node = parseSubscript(parser, node);
    else if (stream.isOperator("(")) node = parseCall(parser, node);
    else return node;
  }
}

export function parsePostfixAndFilters(parser: ExpressionParser, start: Expression): Expression {
  const { stream } = parser;
  let node = start;
  for (;;) {
    if (stream.isOperator("|")) node = parseFilters(parser, node) as Expression;
    else if (stream.isName("is")) node = parseTest(parser, node);
    else if (stream.isOperator("(")) node = parseCall(parser, node);
    else return node;
  }
}

function parseCall(parser: ExpressionParser, target: Expression): Expression {
  const { line } = parser.stream.current;
  return { kind: "call", target, args: parseArguments(parser), line };
}

function parseSubscript(parser: ExpressionParser, target: Expression): Expression {
  const { stream } = parser;
  const { line, text } = stream.next();
  if (text === ".") {
    const part = stream.next();
    if (part.type === "name") return { kind: "attribute", target, name: part.text, line };
    if (part.type !== "integer") throw stream.fail("expected name or number", part.line);
    return { kind: "item", target, key: { kind: "constant", value: Number(part.text), line }, line };
  }
  const keys: Expression[] = [];
  while (!stream.isOperator("]")) {
    if (keys.length > 0) stream.expect("operator", ",");
    keys.push(parseKey(parser));
  }
  stream.next();
  if (keys.length !== 1 && keys.some(({ kind }) => kind === "slice")) throw stream.fail("invalid syntax", line);
  return { kind: "item", target, key: keys.length === 1 ? keys[0] : { kind: "tuple", items: keys, line }, line };
}

/** An expression or a slice. */
function parseKey(parser: ExpressionParser): Expression {
  const { stream } = parser;
  const { line } = stream.current;
  const first = stream.isOperator(":") ? null : parser.expression();
  if (!stream.skipIf("operator", ":")) return first as Expression;
  const bound = (): Expression | null => (stream.isOperator("]", ",", ":") ? null : parser.expression());
  const stop = bound();
  const step = stream.skipIf("operator", ":") ? (stream.isOperator("]", ",") ? null : parser.expression()) : null;
  const slice: Slice = { kind: "slice", start: first, stop, step, line };
  return slice;
}

const noArguments: CallArgumentNodes = { positional: [], named: [], restPositional: null, restNamed: null };

function parseArguments(parser: ExpressionParser): CallArgumentNodes {
  const { stream } = parser;
  const { line } = stream.expect("operator", "(");
  const positional: Expression[] = [];
  const named: { name: string; value: Expression }[] = [];
  let restPositional: Expression | null = null;
  let restNamed: Expression | null = null;
  const ensure = (valid: boolean): void => {
    if (!valid) throw stream.fail("invalid syntax for function call expression", line);
  };
  for (let count = 0; !stream.isOperator(")"); count++) {
    if (count > 0) stream.expect("operator", ",");
    if (stream.isOperator(")")) break;
    if (stream.skipIf("operator", "*")) {
      ensure(restPositional === null && restNamed === null);
      restPositional = parser.expression();
    } else if (stream.skipIf("operator", "**")) {
      ensure(restNamed === null);
      restNamed = parser.expression();
    } else if (stream.is("name") && stream.following.type === "operator" && stream.following.text === "=") {
      ensure(restNamed === null);
      const name = stream.next().text;
      stream.next();
      if (named.some((other) => other.name === name)) throw stream.fail(`keyword argument repeated: ${name}`);
      named.push({ name, value: parser.expression() });
    } else {
      ensure(restPositional === null && restNamed === null && named.length === 0);
      positional.push(parser.expression());
    }
  }
  stream.expect("operator", ")");
  return { positional, named, restPositional, restNamed };
}

/** A name with dots. */
function parseDottedName({ stream }: ExpressionParser): string {
  let { text } = stream.expect("name");
  while (stream.skipIf("operator", ".")) text += `.${stream.expect("name").text}`;
  return text;
}

/**
 * Filters after an expression, each with a `|` before it.
 *
 * @param inline  whether the first filter has no `|`, as in `{% filter upper %}`
 */
export function parseFilters(parser: ExpressionParser, start: Expression | null, inline = false): Expression | null {
  const { stream } = parser;
  let node = start;
  for (let first = inline; first || stream.isOperator("|"); first = false) {
    if (!first) stream.next();
    const { line } = stream.current;
    const name = parseDottedName(parser);
    const args = stream.isOperator("(") ? parseArguments(parser) : noArguments;
    const filter: Filter = { kind: "filter", target: node, name, args, line };
    node = filter;
  }
  return node;
}

function parseTest(parser: ExpressionParser, target: Expression): Expression {
  const { stream } = parser;
  const { line } = stream.next();
  const negated = stream.skipIf("name", "not");
  const name = parseDottedName(parser);
  const test: Test = { kind: "test", target, name, args: testArguments(parser), line };
  return negated ? { kind: "not", operand: test, line } : test;
}

/** A test may have one argument without parentheses. */
function testArguments(parser: ExpressionParser): CallArgumentNodes {
  const { stream } = parser;
  if (stream.isOperator("(")) return parseArguments(parser);
  const { type } = stream.current;
  const startsArgument =
    type === "name" || type === "string" || type === "integer" || type === "float" || stream.isOperator("[", "{");
  if (!startsArgument || stream.isName("else", "or", "and")) return noArguments;
  if (stream.isName("is")) throw stream.fail("You cannot chain multiple tests with is");
  return { ...noArguments, positional: [parsePostfix(parser, parsePrimary(parser))] };
}
