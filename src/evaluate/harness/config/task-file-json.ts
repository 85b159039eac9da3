import { basename } from "node:path";
import { PythonFloat } from "../../../text/python-float.js";
import type { Entry } from "./task-files.js";
import { FunctionName, type Raw, type RawMap } from "./task-yaml.js";

/** A value of a task file as JSON: a list and a mapping, which keeps its order, are marked, as is what JSON lacks. */
type Written =
  | null
  | boolean
  | number
  | string
  | { readonly list: readonly Written[] }
  | { readonly map: readonly (readonly [string, Written])[] }
  | { readonly float: string }
  | { readonly integer: string }
  | { readonly function: string };

/** A task file with the files that it includes, as JSON: the same on every machine. */
export interface TaskFileJson {
  readonly name: string;
  /** The last part of its path. */
  readonly file: string;
  readonly keys: Written;
}

export function writeTaskFile({ name, file, keys }: Entry): TaskFileJson {
  return { name, file: basename(file), keys: write(keys) };
}

export function readTaskFileJson({ name, file, keys }: TaskFileJson): Entry {
  return { kind: "task", name, file, keys: read(keys) as RawMap };
}

function write(raw: Raw): Written {
  if (raw instanceof Map) return { map: Array.from(raw, ([key, value]) => [key, write(value)] as const) };
  // JSON has neither infinities, NaN nor −0.
  if (raw instanceof PythonFloat) return { float: String(Object.is(raw.value, -0) ? "-0" : raw.value) };
  if (raw instanceof FunctionName) return { function: raw.name };
  if (typeof raw === "bigint") return { integer: String(raw) };
  return Array.isArray(raw) ? { list: raw.map(write) } : raw;
}

function read(written: Written): Raw {
  if (typeof written !== "object" || written === null) return written;
  if ("list" in written) return written.list.map(read);
  if ("map" in written) return new Map(written.map.map(([key, value]) => [key, read(value)]));
  if ("float" in written) return new PythonFloat(Number(written.float));
  return "integer" in written ? BigInt(written.integer) : new FunctionName(written.function);
}
