import { getAttribute } from "../operators/access.js";
import { calculate } from "../operators/arithmetic.js";
import { failure, typeError } from "../template-error.js";
import { characters } from "../values/code-points.js";
import { iterate, iteratorObject, length, tryIterate, tryReversed } from "../values/iterate.js";
import { index } from "../values/range.js";
import { toText } from "../values/text.js";
import { isTrue, textOf, typeName, undefinedError } from "../values/types.js";
import { Dict, Markup, Tuple, Undefined, type Value } from "../values/value.js";
import { getter } from "./attributes.js";
import { filter, type FilterFunction } from "./filter.js";

/** @throws TemplateError if the value is not a dict */
export function requireDict(value: Value): Dict {
  if (value instanceof Dict) return value;
  if (value instanceof Undefined) throw undefinedError(value);
  throw failure("AttributeError", `'${typeName(value)}' object has no attribute 'items'`);
}

function first(value: Value): Value {
  for (const item of iterate(value)) return item;
  return new Undefined(null, undefined, "No first item, sequence was empty.");
}

function last(value: Value): Value {
  const reversed = tryReversed(value);
  if (reversed === null) throw typeError(`'${typeName(value)}' object is not reversible`);
  const { done, value: item } = reversed.next();
  return done ? new Undefined(null, undefined, "No last item, sequence was empty.") : item;
}

function reverse(value: Value): Value {
  const text = textOf(value);
  if (text !== null) {
    const reversed = characters(text).reverse().join("");
    return value instanceof Markup ? new Markup(reversed) : reversed;
  }
  const reversed = tryReversed(value);
  if (reversed !== null) return iteratorObject("reversed", reversed);
  const items = tryIterate(value);
  if (items === null) throw failure("FilterArgumentError", "argument must be iterable");
  return [...items].reverse();
}

function join(value: Value, [separator, attribute]: readonly Value[]): string {
  const get = attribute === null ? (item: Value) => item : getter(attribute);
  return Array.from(iterate(value), (item) => toText(get(item))).join(toText(separator));
}

function* batches(value: Value, size: Value, fill: Value): Generator<Value> {
  let batch: Value[] = [];
  for (const item of iterate(value)) {
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
    batch.push(item);
  }
  if (batch.length === 0) return;
  if (fill !== null && batch.length < index(size))
    batch.push(...Array.from({ length: index(size) - batch.length }, () => fill));
  yield batch;
}

function* slices(value: Value, count: number, fill: Value): Generator<Value> {
  const items = [...iterate(value)];
  if (count === 0) throw failure("ZeroDivisionError", "integer division or modulo by zero");
  const size = Math.floor(items.length / count);
  const longer = items.length % count;
  let at = 0;
  for (let i = 0; i < count; i++) {
    const end = at + size + (i < longer ? 1 : 0);
    const part = items.slice(at, end);
    if (fill !== null && i >= longer) part.push(fill);
    yield part;
    at = end;
  }
}

function* pairs(value: Value): Generator<Value> {
  if (value instanceof Undefined) return;
  if (!(value instanceof Dict)) throw typeError("Can only get item pairs from a mapping.");
  for (const pair of value.items()) yield new Tuple(pair);
}

function sum(value: Value, [attribute, start]: readonly Value[]): Value {
  const get = attribute === null ? (item: Value) => item : getter(attribute);
  if (textOf(start) !== null) throw typeError("sum() can't sum strings [use ''.join(seq) instead]");
  let total = start;
  for (const item of iterate(value)) total = calculate("+", total, get(item));
  return total;
}

function byDefault(value: Value, [replacement, boolean]: readonly Value[]): Value {
  return value instanceof Undefined || (isTrue(boolean) && !isTrue(value)) ? replacement : value;
}

function attribute(value: Value, name: Value): Value {
  const text = textOf(name);
  if (text === null) throw typeError(`attribute name must be string, not '${typeName(name)}'`);
  if (value instanceof Undefined) throw undefinedError(value);
  const found = getAttribute(value, text);
  // The filter does not look for an item of this name.
  return value instanceof Dict && value.get(text) === found ? new Undefined(text, value) : found;
}

const defaultFilter = filter(
  "default",
  [
    ["default_value", ""],
    ["boolean", false],
  ],
  byDefault,
);
const lengthFilter = filter("length", [], length);

export const collectionFilters: Readonly<Record<string, FilterFunction>> = {
  attr: filter("attr", ["name"], (value, [name]) => attribute(value, name)),
  batch: filter("batch", ["linecount", ["fill_with", null]], (value, [size, fill]) =>
    iteratorObject("generator", batches(value, size, fill)),
  ),
  slice: filter("slice", ["slices", ["fill_with", null]], (value, [count, fill]) =>
    iteratorObject("generator", slices(value, index(count), fill)),
  ),
  items: filter("items", [], (value) => iteratorObject("generator", pairs(value))),
  count: lengthFilter,
  length: lengthFilter,
  d: defaultFilter,
  default: defaultFilter,
  first: filter("first", [], first),
  last: filter("last", [], last),
  list: filter("list", [], (value) => [...iterate(value)]),
  join: filter(
    "join",
    [
      ["d", ""],
      ["attribute", null],
    ],
    join,
  ),
  reverse: filter("reverse", [], reverse),
  sum: filter(
    "sum",
    [
      ["attribute", null],
      ["start", 0],
    ],
    sum,
  ),
};
