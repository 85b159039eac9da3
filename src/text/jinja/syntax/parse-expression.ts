import type { ArithmeticOperator } from "../operators/arithmetic.js";
import type { ComparisonOperator, Expression } from "./nodes.js";
import { parsePostfix, parsePostfixAndFilters } from "./parse-postfix.js";
import { parsePrimary } from "./parse-primary.js";
import type { ExpressionParser } from "./parser.js";

/** Parses one expression; without `condition`, `a if b else c` is not part of it. */
export function parseExpression(parser: ExpressionParser, condition = true): Expression {
  return condition ? parseCondition(parser) : parseOr(parser);
}

function parseCondition(parser: ExpressionParser): Expression {
  const { stream } = parser;
  const { line } = stream.current;
  let expression = parseOr(parser);
  while (stream.skipIf("name", "if")) {
    const test = parseOr(parser);
    const otherwise = stream.skipIf("name", "else") ? parseCondition(parser) : null;
    expression = { kind: "condition", test, result: expression, otherwise, line };
  }
  return expression;
}

function parseOr(parser: ExpressionParser): Expression {
  const { line } = parser.stream.current;
  let left = parseAnd(parser);
  while (parser.stream.skipIf("name", "or")) left = { kind: "or", left, right: parseAnd(parser), line };
  return left;
}

function parseAnd(parser: ExpressionParser): Expression {
  const { line } = parser.stream.current;
  let left = parseNot(parser);
  while (parser.stream.skipIf("name", "and")) left = { kind: "and", left, right: parseNot(parser), line };
  return left;
}

function parseNot(parser: ExpressionParser): Expression {
  const { line } = parser.stream.current;
  if (parser.stream.skipIf("name", "not")) return { kind: "not", operand: parseNot(parser), line };
  return parseComparison(parser);
}

function parseComparison(parser: ExpressionParser): Expression {
  const { line } = parser.stream.current;
  const first = parseSum(parser);
  const rest: { operator: ComparisonOperator; operand: Expression }[] = [];
  for (let operator = comparison(parser); operator !== null; operator = comparison(parser))
    rest.push({ operator, operand: parseSum(parser) });
  return rest.length === 0 ? first : { kind: "comparison", first, rest, line };
}

function comparison({ stream }: ExpressionParser): ComparisonOperator | null {
  if (stream.isOperator("==", "!=", ">", ">=", "<", "<=")) return stream.next().text as ComparisonOperator;
  if (stream.skipIf("name", "in")) return "in";
  if (!stream.is("name", "not") || stream.following.type !== "name" || stream.following.text !== "in") return null;
  stream.next();
  stream.next();
  return "not in";
}

function parseSum(parser: ExpressionParser): Expression {
  return parseArithmetic(parser, ["+", "-"], parseConcatenation);
}

function parseConcatenation(parser: ExpressionParser): Expression {
  const { line } = parser.stream.current;
  const items = [parseProduct(parser)];
  while (parser.stream.skipIf("operator", "~")) items.push(parseProduct(parser));
  return items.length === 1 ? items[0] : { kind: "concatenation", items, line };
}

function parseProduct(parser: ExpressionParser): Expression {
  return parseArithmetic(parser, ["*", "/", "//", "%"], parsePower);
}

function parsePower(parser: ExpressionParser): Expression {
  return parseArithmetic(parser, ["**"], parseUnary);
}

function parseArithmetic(
  parser: ExpressionParser,
  operators: readonly ArithmeticOperator[],
  operand: (parser: ExpressionParser) => Expression,
): Expression {
  const { line } = parser.stream.current;
  let left = operand(parser);
  while (parser.stream.isOperator(...operators)) {
    const operator = parser.stream.next().text as ArithmeticOperator;
    left = { kind: "arithmetic", operator, left, right: operand(parser), line };
  }
  return left;
}

/** A sign binds closer than a filter: `-1 | abs` is `(-1) | abs`. */
function parseUnary(parser: ExpressionParser): Expression {
  return parsePostfixAndFilters(parser, parseSigned(parser));
}

function parseSigned(parser: ExpressionParser): Expression {
  const { stream } = parser;
  const { line } = stream.current;
  if (!stream.isOperator("-", "+")) return parsePostfix(parser, parsePrimary(parser));
  const operator = stream.next().text as "-" | "+";
  return parsePostfix(parser, { kind: "sign", operator, operand: parseSigned(parser), line });
}
