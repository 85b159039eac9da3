import { PythonFloat } from "../python-float.js";
import { unsupported } from "./template-error.js";
import { toInt } from "./values/types.js";
import { Dict, type Value } from "./values/value.js";

/**
 * The value of a template for a value of a record: whole numbers are ints (those beyond 2^53 only as a bigint), other
 * numbers and PythonFloats are floats, objects and Maps are dicts. A property that is undefined is left out.
 *
 * @throws TemplateError for a value that JSON does not have, such as a Date
 */
export function fromJson(value: unknown): Value {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isSafeInteger(value) ? value + 0 : new PythonFloat(value);
    case "bigint":
      return toInt(value);
    case "undefined":
      return null;
    case "object":
      return value === null ? null : fromObject(value);
  }
  throw unsupported(`a value of the type ${typeof value}`);
}

function fromObject(value: object): Value {
  if (Array.isArray(value)) return value.map(fromJson);
  if (value instanceof PythonFloat) return value;
  if (value instanceof Map)
    return new Dict(Array.from(value, ([key, item]) => [fromJson(key), fromJson(item)] as const));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw unsupported(`a value of the type ${value.constructor.name}`);
  const dict = new Dict();
  for (const [key, item] of Object.entries(value)) if (item !== undefined) dict.set(key, fromJson(item));
  return dict;
}
