import { PythonFloat } from "../../python-float.js";
import { failure, typeError, unsupported } from "../template-error.js";

/**
 * A value of a template, as Python would hold it. An int is a `number` up to 2^53 and a `bigint` beyond, a float is
 * always a PythonFloat, a list is an array, None is null.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | PythonFloat
  | Markup
  | Undefined
  | Value[]
  | Tuple
  | Dict
  | Namespace
  | PythonObject;

/** Text that the filters `escape` and `safe` mark as HTML. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export class Tuple {
  readonly items: readonly Value[];
  /** Names of items, as those of a named tuple. */
  readonly names: readonly string[];
  constructor(items: readonly Value[], names: readonly string[] = []) {
    this.items = items;
    this.names = names;
  }
}

/** What a missing variable, attribute or item evaluates to. It prints as nothing; most operations fail. */
export class Undefined {
  readonly hint: string | null;
  readonly name: Value;
  /** The object without the attribute; undefined for a missing variable. */
  readonly owner: Value | undefined;
  constructor(name: Value, owner?: Value, hint: string | null = null) {
    this.name = name;
    this.owner = owner;
    this.hint = hint;
  }
}

/** Transformers refuses attributes whose names begin with an underscore: both functions throw a TemplateError. */
export class Namespace {
  readonly attributes: Dict;
  constructor(attributes: Dict) {
    for (const name of attributes.keys()) checkStored(name);
    this.attributes = attributes;
  }

  set(name: string, value: Value): void {
    checkStored(name);
    this.attributes.set(name, value);
  }
}

function checkStored(name: Value): void {
  if (typeof name !== "string" || !name.startsWith("_")) return;
  const message = `Chat templates cannot store underscore-prefixed attributes on a namespace, but got '${name}'.`;
  throw failure("SecurityError", message);
}

export interface CallArguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

/** What an object of another type can do. An absent function means that Python raises a TypeError. */
export interface Protocol {
  readonly attribute?: (name: string) => Value | undefined;
  readonly call?: (args: CallArguments) => Value;
  readonly iterate?: () => Iterator<Value>;
  readonly length?: () => number;
  /** Returns undefined if there is no such item. */
  readonly item?: (key: Value) => Value | undefined;
  readonly reversed?: () => Iterator<Value>;
  readonly contains?: (item: Value) => boolean;
  readonly equals?: (other: PythonObject) => boolean;
  /** Absent if Python prints an address. */
  readonly repr?: () => string;
}

/** Ranges, views of dicts, iterators, functions, macros and loops. */
export class PythonObject {
  readonly type: string;
  readonly protocol: Protocol;
  constructor(type: string, protocol: Protocol) {
    this.type = type;
    this.protocol = protocol;
  }
}

type Key = string | number | bigint | object | null;

/** A dict: in order of insertion, with keys that are equal as Python's are (1, 1.0 and True are one key). */
export class Dict {
  readonly #values = new Map<Key, Value>();
  /** The keys that differ from what the map holds for them. */
  #originals: Map<Key, Value> | null = null;

  constructor(items: Iterable<readonly [Value, Value]> = []) {
    for (const [key, value] of items) this.set(key, value);
  }

  get size(): number {
    return this.#values.size;
  }

  /** @throws TemplateError if the key is not hashable */
  get(key: Value): Value | undefined {
    return this.#values.get(keyOf(key));
  }

  has(key: Value): boolean {
    return this.#values.has(keyOf(key));
  }

  set(key: Value, value: Value): void {
    const held = keyOf(key);
    if (held !== key && !this.#values.has(held)) {
      this.#originals ??= new Map();
      this.#originals.set(held, key);
    }
    this.#values.set(held, value);
  }

  *keys(): Generator<Value> {
    for (const key of this.#values.keys()) yield this.#original(key);
  }

  values(): IterableIterator<Value> {
    return this.#values.values();
  }

  *items(): Generator<readonly [Value, Value]> {
    for (const [key, value] of this.#values) yield [this.#original(key), value];
  }

  #original(key: Key): Value {
    const original = this.#originals?.get(key);
    return original === undefined ? (key as Value) : original;
  }
}

const undefinedKey = {};

/** Equal values of Python have the same key. Keys of other types than str start with a zero character. */
export function keyOf(value: Value): Key {
  if (typeof value === "string") return value.charCodeAt(0) === 0 ? `\0s${value}` : value;
  if (value === null || typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "boolean") return Number(value);
  if (value instanceof PythonFloat) return floatKey(value.value);
  if (value instanceof Markup) return keyOf(value.text);
  if (value instanceof Undefined) return undefinedKey;
  if (value instanceof Tuple) return `\0t${value.items.map(partOfKey).join("\0,")}\0)`;
  if (Array.isArray(value)) throw typeError("unhashable type: 'list'");
  if (value instanceof Dict) throw typeError("unhashable type: 'dict'");
  return value;
}

function floatKey(value: number): Key {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value) : value === 0 ? 0 : value;
}

function partOfKey(value: Value): string {
  const key = keyOf(value);
  if (typeof key === "object" && key !== null) throw unsupported("a tuple of objects as a key");
  return `${typeof key === "bigint" ? "number" : typeof key} ${String(key)}`;
}
