import { PythonFloat } from "../../python-float.js";
import { toInt } from "../values/types.js";
import type { Expression } from "./nodes.js";
import type { ExpressionParser, TupleOptions } from "./parser.js";
import { describeToken } from "./tokens.js";

const constants: Readonly<Record<string, boolean | null>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
};

/** A name, a literal, or an expression in brackets. */
export function parsePrimary(parser: ExpressionParser, namespace = false): Expression {
  const { stream } = parser;
  const token = stream.current;
  const { line, text } = token;
  switch (token.type) {
    case "name":
      stream.next();
      if (Object.hasOwn(constants, text)) return { kind: "constant", value: constants[text], line };
      if (namespace && stream.skipIf("operator", "."))
        return { kind: "namespaceReference", name: text, attribute: stream.expect("name").text, line };
      return { kind: "name", name: text, use: "load", line };
    case "string": {
      let joined = "";
      while (stream.is("string")) joined += stream.next().text;
      return { kind: "constant", value: joined, line };
    }
    case "integer":
      return { kind: "constant", value: toInt(BigInt(stream.next().text.replace(/^0+(?=0)/, ""))), line };
    case "float":
      return { kind: "constant", value: new PythonFloat(Number(stream.next().text)), line };
  }
  if (stream.isOperator("[")) return parseList(parser);
  if (stream.isOperator("{")) return parseDict(parser);
  if (!stream.skipIf("operator", "(")) throw stream.fail(`unexpected '${describeToken(token)}'`);
  const tuple = parser.tuple({ inParentheses: true });
  stream.expect("operator", ")");
  return tuple;
}

function parseList(parser: ExpressionParser): Expression {
  const { stream } = parser;
  const { line } = stream.next();
  const items: Expression[] = [];
  while (!stream.isOperator("]")) {
    if (items.length > 0) stream.expect("operator", ",");
    if (!stream.isOperator("]")) items.push(parser.expression());
  }
  stream.next();
  return { kind: "list", items, line };
}

function parseDict(parser: ExpressionParser): Expression {
  const { stream } = parser;
  const { line } = stream.next();
  const items: { key: Expression; value: Expression }[] = [];
  while (!stream.isOperator("}")) {
    if (items.length > 0) stream.expect("operator", ",");
    if (stream.isOperator("}")) break;
    const key = parser.expression();
    stream.expect("operator", ":");
    items.push({ key, value: parser.expression() });
  }
  stream.next();
  return { kind: "dict", items, line };
}

/** One expression, or several with commas between them as a tuple. */
export function parseTuple(parser: ExpressionParser, options: TupleOptions = {}): Expression {
  const { simple = false, condition = true, end, inParentheses = false, namespace = false } = options;
  const { stream } = parser;
  const { line } = stream.current;
  const isEnd = (): boolean =>
    stream.is("variableEnd") ||
    stream.is("blockEnd") ||
    stream.isOperator(")") ||
    (end !== undefined && stream.is(end.type, end.text));
  const items: Expression[] = [];
  let isTuple = false;
  for (;;) {
    if (items.length > 0) stream.expect("operator", ",");
    if (isEnd()) break;
    items.push(simple ? parsePrimary(parser, namespace) : parser.expression(condition));
    if (!stream.isOperator(",")) break;
    isTuple = true;
  }
  if (!isTuple && items.length === 1) return items[0];
  if (!isTuple && !inParentheses) throw stream.fail(`Expected an expression, got '${describeToken(stream.current)}'`);
  return { kind: "tuple", items, line };
}
