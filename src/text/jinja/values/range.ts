import { failure, typeError, unsupported, valueError } from "../template-error.js";
import { equals } from "./compare.js";
import { intOf, typeName } from "./types.js";
import { PythonObject, type Value } from "./value.js";

/** The most items that the sandbox of Jinja allows. */
const maxItems = 100_000;

/** Python's `range(stop)` or `range(start, stop, step)`. */
export function range(args: readonly Value[]): PythonObject {
  if (args.length === 0 || args.length > 3) throw typeError(`range expected 1 to 3 arguments, got ${args.length}`);
  const [first, second, third] = args.map(index);
  const [start, stop, step] = args.length === 1 ? [0, first, 1] : [first, second, args.length === 3 ? third : 1];
  if (step === 0) throw valueError("range() arg 3 must not be zero");
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (length > maxItems)
    throw failure("OverflowError", `Range too big. The sandbox blocks ranges larger than MAX_RANGE (${maxItems}).`);
  return rangeOf(start, step, length, stop);
}

export function index(value: Value): number {
  const int = intOf(value);
  if (typeof int === "number") return int;
  if (typeof int === "bigint") throw unsupported("a range or index beyond 2^53");
  throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
}

interface RangeParts {
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

const parts = new WeakMap<PythonObject, RangeParts>();

export function rangeParts(value: PythonObject): RangeParts | undefined {
  return parts.get(value);
}

export function rangeOf(start: number, step: number, length: number, stop = start + step * length): PythonObject {
  const bounds = new Map([
    ["start", start],
    ["stop", stop],
    ["step", step],
  ]);
  const at = (i: number): number => start + step * i;
  const items = (): number[] => Array.from({ length }, (_, i) => at(i));
  const range = new PythonObject("range", {
    iterate: () => items().values(),
    reversed: () => items().reverse().values(),
    length: () => length,
    item(key) {
      const int = intOf(key);
      if (typeof int !== "number") return undefined;
      const i = int < 0 ? int + length : int;
      return i >= 0 && i < length ? at(i) : undefined;
    },
    contains: (item) => items().some((each) => equals(item, each)),
    equals: (other) => sameRange({ start, step, length }, parts.get(other)),
    repr: () => (step === 1 ? `range(${start}, ${stop})` : `range(${start}, ${stop}, ${step})`),
    attribute: (name) => bounds.get(name),
  });
  parts.set(range, { start, step, length });
  return range;
}

function sameRange(a: RangeParts, b: RangeParts | undefined): boolean {
  if (b === undefined || a.length !== b.length) return false;
  return a.length === 0 || (a.start === b.start && (a.length === 1 || a.step === b.step));
}
