import { typeError, valueError } from "../template-error.js";
import { characters } from "../values/code-points.js";
import { rangeOf, rangeParts } from "../values/range.js";
import { intOf, typeName, undefinedError } from "../values/types.js";
import { Dict, Markup, Namespace, Tuple, Undefined, type Value } from "../values/value.js";

/** The bounds of a slice as written; null if one is left out. */
export interface Bounds {
  readonly start: Value;
  readonly stop: Value;
  readonly step: Value;
}

/** Python's `value[start:stop:step]`. */
export function slice(value: Value, bounds: Bounds): Value {
  if (Array.isArray(value)) return pick(value, bounds);
  if (typeof value === "string") return pick(characters(value), bounds).join("");
  if (value instanceof Tuple) return new Tuple(pick(value.items, bounds));
  if (value instanceof Markup) return new Markup(pick(characters(value.text), bounds).join(""));
  if (value instanceof Undefined) throw undefinedError(value);
  if (value instanceof Dict) throw typeError("unhashable type: 'slice'");
  const range =
    value === null || typeof value !== "object" || value instanceof Namespace || !("protocol" in value)
      ? undefined
      : rangeParts(value);
  if (range === undefined) throw typeError(`'${typeName(value)}' object is not subscriptable`);
  const { start, step, length } = positions(range.length, bounds);
  return rangeOf(range.start + start * range.step, range.step * step, length, undefined);
}

function pick<Item>(items: readonly Item[], bounds: Bounds): Item[] {
  const { start, step, length } = positions(items.length, bounds);
  if (step === 1) return items.slice(start, start + length);
  return Array.from({ length }, (_, i) => items[start + i * step]);
}

/** Resolves the bounds for a sequence of `size` items. */
function positions(size: number, bounds: Bounds): { start: number; step: number; length: number } {
  const step = bound(bounds.step) ?? 1;
  if (step === 0) throw valueError("slice step cannot be zero");
  const [lowest, highest] = step < 0 ? [-1, size - 1] : [0, size];
  const clamp = (value: number): number => Math.min(Math.max(value < 0 ? value + size : value, lowest), highest);
  const [first, last] = [bound(bounds.start), bound(bounds.stop)];
  const start = first === null ? (step < 0 ? highest : lowest) : clamp(first);
  const stop = last === null ? (step < 0 ? lowest : highest) : clamp(last);
  return { start, step, length: Math.max(0, Math.ceil((stop - start) / step)) };
}

function bound(value: Value): number | null {
  if (value === null) return null;
  const int = intOf(value);
  if (int === null) throw typeError("slice indices must be integers or None or have an __index__ method");
  if (typeof int === "bigint") return int < 0n ? -Number.MAX_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
  return int;
}

/** An index as a position, counted from the end if negative. */
export function position(size: number, key: Value): number | null {
  const int = intOf(key);
  if (int === null) return null;
  if (typeof int === "bigint") return -1;
  return int < 0 ? int + size : int;
}
