import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from "yaml";
import type { ErrorParts } from "../../errors/strata-error.js";
import type { Path } from "../errors/issue.js";

/** A parsed YAML file with the positions of its values. */
export interface RecipeDocument {
  /** Plain data; an empty file is an empty mapping. */
  readonly value: unknown;
  /** The position of the value (or the key) at a path, or of the innermost existing mapping around it. */
  locate(path: Path, atKey: boolean): Position;
}

export interface Position {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
}

/** Parses YAML 1.2. On syntax errors, `errors` lists them and `document` is null. */
export function parseYaml(
  text: string,
  file: string,
): { document: RecipeDocument | null; errors: readonly ErrorParts[] } {
  const lines = new LineCounter();
  const yaml = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const errors = yaml.errors.map(({ pos, message }) => {
    const { line, column } = position(pos[0]);
    return syntaxError(`${file}:${line}:${column}`, message);
  });
  if (errors.length > 0) return { document: null, errors };
  try {
    const value: unknown = yaml.toJS() ?? {};
    return { document: { value, locate: (path, atKey) => position(offsetOf(yaml, path, atKey)) }, errors };
  } catch (error) {
    // Too many aliases, or one without its anchor.
    return { document: null, errors: [syntaxError(file, (error as Error).message)] };
  }
}

function syntaxError(where: string, message: string): ErrorParts {
  return {
    where,
    expected: "YAML",
    got: `an error: ${message.replace(/\.$/, "")}`,
    hint: "Check indentation, quotes and brackets there; a text with a colon or # needs quotes.",
  };
}

function offsetOf(yaml: Document, path: Path, atKey: boolean): number {
  let node: unknown = yaml.contents;
  let offset = startOf(node, 0);
  for (const [depth, key] of path.entries()) {
    if (isAlias(node)) node = node.resolve(yaml);
    if (isSeq(node) && typeof key === "number") node = node.items[key];
    else if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (!pair) return offset;
      offset = startOf(pair.key, offset);
      if (atKey && depth === path.length - 1) return offset;
      node = pair.value;
    } else return offset;
    offset = startOf(node, offset);
  }
  return offset;
}

function startOf(node: unknown, otherwise: number): number {
  const { range } = (node ?? {}) as { range?: readonly number[] | null };
  return range ? range[0] : otherwise;
}
