import { PythonFloat } from "../../python-float.js";
import { percentFormat } from "../format/percent-format.js";
import { failure, type TemplateError, typeError, unsupported } from "../template-error.js";
import { intOf, textOf, toInt, typeName, undefinedError } from "../values/types.js";
import { Markup, PythonObject, Tuple, Undefined, type Value } from "../values/value.js";
import { escapeText } from "../values/escape.js";
import { floatFloorDivide, floatModulo, floatPower, intPower, multiplyInts, quotient, toFloat } from "./numbers.js";

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "//" | "%" | "**";
type Int = number | bigint;

/** Python's `a + b` and so on. @throws TemplateError if the types do not match */
export function calculate(operator: ArithmeticOperator, a: Value, b: Value): Value {
  if (operator === "+" && typeof a === "string" && typeof b === "string") return a + b;
  if (operator === "%" && typeof a === "string") return percentFormat(a, b);
  const [left, right] = [intOf(a), intOf(b)];
  if (left !== null && right !== null) return withInts(operator, left, right);
  const [x, y] = [numeric(a), numeric(b)];
  if (x !== null && y !== null) return new PythonFloat(withFloats(operator, x, y));
  for (const value of [a, b]) if (value instanceof Undefined) throw undefinedError(value);
  const result = operator === "+" ? join(a, b) : operator === "*" ? (repeat(a, right) ?? repeat(b, left)) : null;
  if (result !== null) return result;
  if (a instanceof Markup && operator === "%") throw unsupported("the operator % of escaped text");
  if (operator === "-" && a instanceof PythonObject && a.type.startsWith("dict_"))
    throw unsupported("the difference of dict views");
  throw mismatch(operator, a, b);
}

function mismatch(operator: ArithmeticOperator, a: Value, b: Value): TemplateError {
  if (operator === "+" && textOf(a) !== null)
    return typeError(`can only concatenate str (not "${typeName(b)}") to str`);
  const name = operator === "**" ? "** or pow()" : operator;
  return typeError(`unsupported operand type(s) for ${name}: '${typeName(a)}' and '${typeName(b)}'`);
}

/** A float, or an int as a float. @throws TemplateError if the int is too large */
function numeric(value: Value): number | null {
  if (value instanceof PythonFloat) return value.value;
  const int = intOf(value);
  return int === null ? null : toFloat(int);
}

function join(a: Value, b: Value): Value | null {
  if (Array.isArray(a) && Array.isArray(b)) return joinItems(a, b);
  if (a instanceof Tuple && b instanceof Tuple) return new Tuple(joinItems(a.items, b.items));
  if (textOf(a) === null || textOf(b) === null) return null;
  return new Markup(escapeText(a) + escapeText(b));
}

const maxItems = 2 ** 24;

function joinItems(a: readonly Value[], b: readonly Value[]): Value[] {
  if (a.length + b.length > maxItems) throw tooLong();
  return [...a, ...b];
}

function tooLong(): TemplateError {
  return unsupported("a text or list of more than 16,777,216 items");
}

function repeat(value: Value, times: Int | null): Value | null {
  if (times === null) return null;
  const text = textOf(value);
  const items = Array.isArray(value) ? value : value instanceof Tuple ? value.items : null;
  const size = text?.length ?? items?.length;
  if (size === undefined) return null;
  if (size * Number(times) > maxItems) throw tooLong();
  const count = Math.max(0, Number(times));
  if (text !== null) return value instanceof Markup ? new Markup(text.repeat(count)) : text.repeat(count);
  const all = Array.from({ length: count }, () => items as readonly Value[]).flat();
  return Array.isArray(value) ? all : new Tuple(all);
}

function withInts(operator: ArithmeticOperator, a: Int, b: Int): Value {
  if (typeof a === "number" && typeof b === "number") {
    const result = withSmallInts(operator, a, b);
    if (result !== null) return result;
  }
  const [x, y] = [BigInt(a), BigInt(b)];
  switch (operator) {
    case "+":
      return toInt(x + y);
    case "-":
      return toInt(x - y);
    case "*":
      return multiplyInts(x, y);
    case "**":
      return intPower(x, y);
    case "/":
      return divideInts(a, b);
  }
  if (y === 0n) throw failure("ZeroDivisionError", "integer division or modulo by zero");
  const modulo = ((x % y) + y) % y;
  return toInt(operator === "%" ? modulo : (x - modulo) / y);
}

/** The result for ints up to 2^53; null if it may not be exact. */
function withSmallInts(operator: ArithmeticOperator, a: number, b: number): Value | null {
  switch (operator) {
    case "+":
      return exact(a + b);
    case "-":
      return exact(a - b);
    case "*":
      return exact(a * b);
    case "/":
      return divideInts(a, b);
    case "**":
      return null;
  }
  if (b === 0) return null;
  const rest = a % b;
  const modulo = rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
  if (operator === "%") return modulo + 0;
  return exact(a - modulo) === null ? null : (a - modulo) / b + 0;
}

function exact(result: number): number | null {
  return Number.isSafeInteger(result) ? result + 0 : null;
}

function divideInts(a: Int, b: Int): PythonFloat {
  if (b === 0) throw failure("ZeroDivisionError", "division by zero");
  if (typeof a === "number" && typeof b === "number") return new PythonFloat(a / b);
  return new PythonFloat(quotient(BigInt(a), BigInt(b)));
}

function withFloats(operator: ArithmeticOperator, a: number, b: number): number {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "**":
      return floatPower(a, b);
  }
  if (b === 0) throw failure("ZeroDivisionError", operator === "/" ? "float division by zero" : "float modulo");
  return operator === "/" ? a / b : operator === "%" ? floatModulo(a, b) : floatFloorDivide(a, b);
}

/** Python's `-value` or `+value`. */
export function negate(operator: "-" | "+", value: Value): Value {
  if (value instanceof Undefined) throw undefinedError(value);
  if (value instanceof PythonFloat) return operator === "-" ? new PythonFloat(-value.value) : value;
  const int = intOf(value);
  if (int === null) throw typeError(`bad operand type for unary ${operator}: '${typeName(value)}'`);
  return operator === "+" ? int : typeof int === "bigint" ? toInt(-int) : 0 - int;
}
