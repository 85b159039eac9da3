import { PythonFloat } from "../../../text/python-float.js";
import { Dict, type Value } from "../../../text/jinja/values/value.js";
import { taskFileError } from "./task-file-error.js";
import { FunctionName, type Raw, type RawMap } from "./task-yaml.js";

/** A value of a task file for templates and results; a function is its name. */
export function toValue(raw: Raw): Value {
  if (raw instanceof FunctionName) return raw.name;
  if (raw instanceof Map) return new Dict(Array.from(raw, ([key, value]) => [key, toValue(value)] as const));
  return Array.isArray(raw) ? raw.map(toValue) : raw;
}

/** As plain data of JavaScript. */
export function toPlain(raw: Raw): unknown {
  if (raw instanceof Map) return Object.fromEntries(Array.from(raw, ([key, value]) => [key, toPlain(value)]));
  if (raw instanceof FunctionName) return raw.name;
  if (raw instanceof PythonFloat) return raw.value;
  return Array.isArray(raw) ? raw.map(toPlain) : raw;
}

/** Reads keys of one mapping of a task file; each error names the file and the key. */
export class RawReader {
  readonly file: string;
  readonly #map: RawMap;
  readonly #prefix: string;

  constructor(file: string, map: RawMap, prefix = "") {
    this.file = file;
    this.#map = map;
    this.#prefix = prefix;
  }

  has(key: string): boolean {
    return this.get(key) !== null;
  }

  get(key: string): Raw {
    return this.#map.get(key) ?? null;
  }

  text(key: string): string | null {
    return this.#read(key, "a text", (raw) => (typeof raw === "string" ? raw : undefined));
  }

  whole(key: string): number | null {
    return this.#read(key, "a whole number", (raw) => (typeof raw === "number" ? raw : undefined));
  }

  boolean(key: string): boolean | null {
    return this.#read(key, "true or false", (raw) => (typeof raw === "boolean" ? raw : undefined));
  }

  function(key: string): FunctionName | null {
    return this.#read(key, "!function NAME", (raw) => (raw instanceof FunctionName ? raw : undefined));
  }

  /** One or several texts. */
  texts(key: string): string[] | null {
    return this.#read(key, "a text, or a list of texts", (raw) => {
      const list = Array.isArray(raw) ? raw : [raw];
      return list.every((item) => typeof item === "string") ? list : undefined;
    });
  }

  map(key: string): RawReader | null {
    const map = this.#read(key, "a mapping", (raw) => (raw instanceof Map ? raw : undefined));
    return map === null ? null : new RawReader(this.file, map, `${this.#prefix}${key}.`);
  }

  maps(key: string): RawReader[] | null {
    const list = this.#read(key, "a list of mappings", (raw) =>
      Array.isArray(raw) && raw.every((item) => item instanceof Map) ? raw : undefined,
    );
    return list?.map((map, i) => new RawReader(this.file, map, `${this.#prefix}${key}[${i}].`)) ?? null;
  }

  /** The entries beside these keys. */
  others(keys: readonly string[]): Map<string, Raw> {
    return new Map([...this.#map].filter(([key]) => !keys.includes(key)));
  }

  keys(): string[] {
    return [...this.#map.keys()];
  }

  require<T>(key: string, value: T | null, expected: string): T {
    if (value !== null) return value;
    throw this.error(key, expected, "nothing", "Add this key to the task file.");
  }

  error(key: string, expected: string, got: string, hint: string): Error {
    return taskFileError(`${this.file} ${this.#prefix}${key}`, expected, got, hint);
  }

  #read<T>(key: string, expected: string, read: (raw: NonNullable<Raw>) => T | undefined): T | null {
    const raw = this.get(key);
    if (raw === null) return null;
    const value = read(raw);
    if (value !== undefined) return value;
    throw this.error(key, expected, shown(raw), "Correct the task file.");
  }
}

export function shown(raw: Raw): string {
  if (raw instanceof FunctionName) return `!function ${raw.name}`;
  if (raw instanceof Map) return `a mapping with ${[...raw.keys()].join(", ") || "no keys"}`;
  if (Array.isArray(raw)) return `[${raw.map(shown).join(", ")}]`;
  return raw instanceof PythonFloat || typeof raw === "bigint" ? String(raw) : JSON.stringify(raw);
}
