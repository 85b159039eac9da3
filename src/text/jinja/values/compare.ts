import { PythonFloat } from "../../python-float.js";
import { typeError, unsupported } from "../template-error.js";
import { compareTexts } from "./code-points.js";
import { iterate, tryIterate } from "./iterate.js";
import { textOf, typeName, undefinedError } from "./types.js";
import { Dict, Markup, PythonObject, Tuple, Undefined, type Value } from "./value.js";

/** A number as JavaScript compares it; null for another type. */
function numberOf(value: Value): number | bigint | null {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "boolean") return Number(value);
  return value instanceof PythonFloat ? value.value : null;
}

/** Python's `==`. */
export function equals(a: Value, b: Value): boolean {
  if (typeof a === "string" && typeof b === "string") return a === b;
  if (a === null || b === null) return a === b;
  const [left, right] = [numberOf(a), numberOf(b)];
  // A float and an int beyond 2^53 are compared by their exact values.
  if (left !== null || right !== null)
    return left !== null && right !== null && !(left < right) && !(left > right) && left === left && right === right;
  if (a instanceof Markup || b instanceof Markup) return textOf(a) !== null && textOf(a) === textOf(b);
  if (a instanceof Undefined || b instanceof Undefined) return a instanceof Undefined && b instanceof Undefined;
  if (Array.isArray(a)) return Array.isArray(b) && sameItems(a, b);
  if (a instanceof Tuple) return b instanceof Tuple && sameItems(a.items, b.items);
  if (a instanceof Dict) return b instanceof Dict && sameEntries(a, b);
  if (a instanceof PythonObject && b instanceof PythonObject && a !== b) return a.protocol.equals?.(b) ?? false;
  return a === b;
}

/** As `in` and `==` of containers compare items: an object equals itself. */
export function sameOrEqual(a: Value, b: Value): boolean {
  return a === b || equals(a, b);
}

function sameItems(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((item, i) => sameOrEqual(item, b[i]));
}

function sameEntries(a: Dict, b: Dict): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a.items()) {
    const other = b.get(key);
    if (other === undefined || !sameOrEqual(value, other)) return false;
  }
  return true;
}

export type Order = "<" | "<=" | ">" | ">=";

/** Python's order of two values. @throws TemplateError if they have none */
export function isOrdered(a: Value, order: Order, b: Value): boolean {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== null && right !== null)
    return order === "<" ? left < right : order === "<=" ? left <= right : order === ">" ? left > right : left >= right;
  for (const value of [a, b]) if (value instanceof Undefined) throw undefinedError(value);
  const [leftText, rightText] = [textOf(a), textOf(b)];
  if (leftText !== null && rightText !== null) return signMatches(compareTexts(leftText, rightText), order);
  if (Array.isArray(a) && Array.isArray(b)) return itemsOrdered(a, order, b);
  if (a instanceof Tuple && b instanceof Tuple) return itemsOrdered(a.items, order, b.items);
  if (a instanceof PythonObject && b instanceof PythonObject && a.type.startsWith("dict_"))
    throw unsupported("the order of dict views");
  throw typeError(`'${order}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
}

function signMatches(sign: number, order: Order): boolean {
  return order === "<" ? sign < 0 : order === "<=" ? sign <= 0 : order === ">" ? sign > 0 : sign >= 0;
}

/** The first items that differ decide. */
function itemsOrdered(a: readonly Value[], order: Order, b: readonly Value[]): boolean {
  const at = a.findIndex((item, i) => i >= b.length || !sameOrEqual(item, b[i]));
  if (at === -1 || at >= b.length) return signMatches(a.length - b.length, order);
  return isOrdered(a[at], order, b[at]);
}

/** Sorts as Python's `sorted`: stable, and equal keys keep their order in reverse, too. */
export function sortBy(items: Iterable<Value>, key: (item: Value) => Value, reverse: boolean): Value[] {
  const keyed = Array.from(items, (item) => ({ item, key: key(item) }));
  const sign = reverse ? -1 : 1;
  keyed.sort((a, b) => (isOrdered(a.key, "<", b.key) ? -sign : isOrdered(b.key, "<", a.key) ? sign : 0));
  return keyed.map(({ item }) => item);
}

/** Python's `item in container`. */
export function isIn(item: Value, container: Value): boolean {
  const text = textOf(container);
  if (text !== null) {
    const part = textOf(item);
    if (part === null) throw typeError(`'in <string>' requires string as left operand, not ${typeName(item)}`);
    return text.includes(part);
  }
  if (container instanceof Dict) return container.has(item);
  if (container instanceof PythonObject && container.protocol.contains !== undefined)
    return container.protocol.contains(item);
  if (tryIterate(container) === null) throw typeError(`argument of type '${typeName(container)}' is not iterable`);
  for (const each of iterate(container)) if (sameOrEqual(item, each)) return true;
  return false;
}
