import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Scalar,
  type ScalarTag,
} from "yaml";
import { PythonFloat } from "../../../text/python-float.js";
import { taskFileError } from "./task-file-error.js";

/** `!function module.name`: what upstream calls as Python code. */
export class FunctionName {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A value of a task file, as Python would hold it. */
export type Raw = null | boolean | number | bigint | string | PythonFloat | FunctionName | Raw[] | RawMap;
export type RawMap = Map<string, Raw>;

const functionTag: ScalarTag = {
  tag: "!function",
  resolve: (name) => new FunctionName(name.trim()),
};

/**
 * Parses a task file as PyYAML does (YAML 1.1).
 *
 * @throws StrataError with line and column if it is no YAML, or no mapping
 */
export function parseTaskYaml(text: string, file: string): RawMap {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    version: "1.1",
    intAsBigInt: true,
    customTags: (tags) => [...tags, functionTag],
  });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0]);
    const hint = "Check indentation, quotes and brackets there; a text with a colon or # needs quotes.";
    throw taskFileError(`${file}:${line}:${col}`, "YAML", `an error: ${problem.message.replace(/\.$/, "")}`, hint);
  }
  const value = document.contents === null ? null : rawOf(document.contents, document);
  if (value instanceof Map) return value;
  throw taskFileError(file, "a mapping of keys and values", "something else", "See lm-evaluation-harness' task files.");
}

function rawOf(node: unknown, document: Document): Raw {
  if (isAlias(node)) return rawOf(node.resolve(document), document);
  if (isSeq(node)) return node.items.map((item) => rawOf(item, document));
  if (isMap(node)) {
    const map: RawMap = new Map();
    for (const { key, value } of node.items) map.set(keyOf(key), rawOf(value, document));
    return map;
  }
  return isScalar(node) ? scalarOf(node) : null;
}

function keyOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function scalarOf({ value, source, type }: Scalar): Raw {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  // As PyYAML, which takes 1e5 for a text.
  if (typeof value === "number")
    return type === "PLAIN" && source !== undefined && /^[-+]?\d+[eE]/.test(source) ? source : new PythonFloat(value);
  if (value instanceof FunctionName || typeof value === "string" || typeof value === "boolean") return value;
  if (value instanceof Date) return source ?? value.toISOString();
  return null;
}
