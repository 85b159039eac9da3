import { PythonFloat } from "../../../text/python-float.js";
import { fromJson } from "../../../text/jinja/from-json.js";
import { Dict, type Value } from "../../../text/jinja/values/value.js";
import { isoTime } from "./iso-time.js";

/**
 * The rows of JSON records as the `datasets` library holds them: with the columns of all records in order of first
 * appearance, null where a record has no such column, and each column with one type where there is one. So a whole
 * number is a float if its column has a float, also inside lists and objects. Objects with different keys, and values
 * of different types, are as in the file.
 */
export function unifyRecords(records: readonly Dict[]): Dict[] {
  const columns = new Map<Value, Value[]>();
  for (const [i, record] of records.entries())
    for (const [name, value] of record.items()) {
      const column = columns.get(name) ?? Array.from<Value>({ length: records.length }).fill(null);
      column[i] = value;
      columns.set(name, column);
    }
  const unified = Array.from(columns, ([name, values]) => [name, unify(values)] as const);
  return records.map((_, i) => new Dict(unified.map(([name, values]) => [name, values[i]])));
}

function unify(values: readonly Value[]): readonly Value[] {
  const present = values.filter((value) => value !== null);
  if (present.length === 0) return values;
  if (present.every((value) => value instanceof Dict)) return unifyDicts(values, present);
  if (present.every(Array.isArray)) return unifyLists(values);
  if (present.every(isNumber)) return present.some(isFloat) ? values.map(toFloat) : values;
  if (present.every((value) => typeof value === "string")) return unifyTexts(values);
  return present.every((value) => typeof value === "boolean") ? values : values.map(parsed);
}

function unifyDicts(values: readonly Value[], present: readonly Dict[]): readonly Value[] {
  const keys = [...present[0].keys()];
  if (!present.every((dict) => dict.size === keys.length && keys.every((key) => dict.has(key)))) return values;
  const columns = keys.map((key) => unify(values.map((dict) => (dict as Dict | null)?.get(key) ?? null)));
  return values.map((dict, i) => (dict === null ? null : new Dict(keys.map((key, k) => [key, columns[k][i]]))));
}

function unifyLists(values: readonly Value[]): readonly Value[] {
  const items = unify(values.flatMap((list) => (list as Value[] | null) ?? []));
  let at = 0;
  return values.map((list) => (list === null ? null : items.slice(at, (at += (list as Value[]).length))));
}

/** A column in which every text is a date is one of dates. */
function unifyTexts(values: readonly Value[]): readonly Value[] {
  const times: Value[] = [];
  for (const value of values) {
    const time = value === null ? null : isoTime(value as string);
    if (value !== null && time === null) return values;
    times.push(time);
  }
  return times;
}

/** A column of several types is stored as JSON, as which a text that is JSON is read. */
function parsed(value: Value): Value {
  if (typeof value !== "string") return value;
  try {
    return fromJson(JSON.parse(value));
  } catch {
    return value;
  }
}

type Numeric = number | bigint | PythonFloat;

function isNumber(value: Value): value is Numeric {
  return typeof value === "number" || typeof value === "bigint" || value instanceof PythonFloat;
}

/** Whether a number is no 64-bit integer. */
function isFloat(value: Numeric): boolean {
  return value instanceof PythonFloat || (typeof value === "bigint" && BigInt.asIntN(64, value) !== value);
}

function toFloat(value: Value): Value {
  return value === null || value instanceof PythonFloat ? value : new PythonFloat(Number(value));
}
