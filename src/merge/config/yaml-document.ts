import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, parseDocument, type Document } from "yaml";
import type { StrataError } from "../../errors/strata-error.js";
import { mergeError } from "../merge-error.js";

export type YamlPath = readonly (string | number)[];

/** A configuration as plain data, with the positions of its values. */
export interface YamlDocument {
  readonly value: unknown;
  /** `merge.yml:3:5 models[0].model`: the position of a value, or of the innermost existing one around it. */
  where(path: YamlPath): string;
}

/**
 * Parses YAML as PyYAML does (YAML 1.1: `yes` is true): one document, or several that are separated by `---`. JSON is
 * YAML.
 *
 * @throws StrataError for the first syntax error
 */
export function parseYamlDocuments(text: string, file: string): readonly YamlDocument[] {
  const lines = new LineCounter();
  const options = { lineCounter: lines, prettyErrors: false, version: "1.1" } as const;
  const all = parseAllDocuments(text, options);
  return (Array.isArray(all) && all.length > 0 ? all : [parseDocument(text, options)]).map((yaml: Document) =>
    checkedDocument(yaml, file, lines),
  );
}

function checkedDocument(yaml: Document, file: string, lines: LineCounter): YamlDocument {
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const [error] = yaml.errors;
  if (error !== undefined) throw syntaxError(place(error.pos[0]), error.message);
  try {
    const value: unknown = yaml.toJS();
    return { value, where: (path) => [place(offsetOf(yaml, path)), formatPath(path)].filter(Boolean).join(" ") };
  } catch (problem) {
    // Too many aliases, or one without its anchor.
    throw syntaxError(file, (problem as Error).message);
  }
}

function syntaxError(where: string, message: string): StrataError {
  const hint = "Check indentation, quotes and brackets there; a text with a colon or # needs quotes.";
  return mergeError(where, "YAML", `an error: ${message.replace(/\.$/, "")}`, hint);
}

/** `models[0].parameters.weight` */
function formatPath(path: YamlPath): string {
  return path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`))
    .join("")
    .replace(/^\./, "");
}

function offsetOf(yaml: Document, path: YamlPath): number {
  let node: unknown = yaml.contents;
  let offset = startOf(node, 0);
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(yaml);
    if (isSeq(node) && typeof key === "number") node = node.items[key];
    else if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (pair === undefined) return offset;
      offset = startOf(pair.key, offset);
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
