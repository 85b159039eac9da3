import { typeError } from "../template-error.js";
import { characters, lengthOf } from "./code-points.js";
import { typeName } from "./types.js";
import { Dict, Markup, Namespace, PythonObject, Tuple, Undefined, type Value } from "./value.js";

/** The items of a value, as Python's `iter` gives them. @throws TemplateError if it is not iterable */
export function iterate(value: Value): Iterable<Value> {
  const items = tryIterate(value);
  if (items === null) throw typeError(`'${typeName(value)}' object is not iterable`);
  return items;
}

/** As `iterate`; null if the value is not iterable. */
export function tryIterate(value: Value): Iterable<Value> | null {
  if (Array.isArray(value)) return value;
  if (typeof value === "string") return characters(value);
  if (value instanceof Tuple) return value.items;
  if (value instanceof Dict) return value.keys();
  if (value instanceof Undefined) return [];
  if (value instanceof Markup) return characters(value.text);
  if (!(value instanceof PythonObject) || value.protocol.iterate === undefined) return null;
  const { iterate: start } = value.protocol;
  // An iterator of Python stays where it is when a loop ends early.
  return {
    [Symbol.iterator]: () => ({
      next: (
        (iterator) => () =>
          iterator.next()
      )(start()),
    }),
  };
}

/** Python's `len`. @throws TemplateError if the value has none */
export function length(value: Value): number {
  const found = tryLength(value);
  if (found === null) throw typeError(`object of type '${typeName(value)}' has no len()`);
  return found;
}

export function tryLength(value: Value): number | null {
  if (Array.isArray(value)) return value.length;
  if (typeof value === "string") return lengthOf(value);
  if (value instanceof Dict) return value.size;
  if (value instanceof Tuple) return value.items.length;
  if (value instanceof Undefined) return 0;
  if (value instanceof Markup) return lengthOf(value.text);
  return value instanceof PythonObject ? (value.protocol.length?.() ?? null) : null;
}

/** The items in reverse; null if Python's `reversed` raises a TypeError. */
export function tryReversed(value: Value): Iterator<Value> | null {
  if (value instanceof PythonObject) return value.protocol.reversed?.() ?? null;
  if (typeof value === "boolean" || value === null || value instanceof Namespace) return null;
  const items = tryIterate(value);
  return items === null ? null : [...items].reverse().values();
}

/** An iterator of Python: it can be read once. */
export function iteratorObject(type: string, items: Iterator<Value>): PythonObject {
  return new PythonObject(type, { iterate: () => items });
}
