import { parseDocument } from "yaml";
import type { ErrorParts } from "../../errors/strata-error.js";
import { describeValue, formatPath, isMapping, type Path } from "../errors/issue.js";

/** A `--set path=value` of the command line. */
export interface Override {
  readonly path: Path;
  readonly value: unknown;
  /** `a.b=c`, as written. */
  readonly text: string;
}

type Container = Record<string | number, unknown>;

/**
 * Sets values in plain data; creates missing mappings and lists.
 *
 * @param texts  `a.b=c` with c in YAML; numbers in the path are indices of a list, the index after the last appends
 * @param value  not modified
 */
export function applyOverrides(value: unknown, texts: readonly string[]) {
  const copy: unknown = structuredClone(value);
  const overrides: Override[] = [];
  const errors: ErrorParts[] = [];
  for (const text of texts) {
    const result = apply(copy, text);
    if ("path" in result) overrides.push(result);
    else errors.push(result);
  }
  return { value: copy, overrides, errors };
}

function apply(root: unknown, text: string): Override | ErrorParts {
  const where = `--set ${text}`;
  const split = text.indexOf("=");
  const keys = text.slice(0, Math.max(0, split)).trim().split(".");
  if (split < 0 || keys.includes("")) {
    return {
      where,
      expected: "path=value",
      got: JSON.stringify(text),
      hint: "For example: --set training.batchSize=8.",
    };
  }
  const { value, error } = parseValue(text.slice(split + 1));
  if (error !== null) {
    return {
      where,
      expected: "a value in YAML",
      got: `an error: ${error}`,
      hint: `Put quotes around it: --set '${keys.join(".")}="…"'.`,
    };
  }
  const path: (string | number)[] = [];
  let at = root;
  for (const [depth, key] of keys.entries()) {
    const place = placeIn(at, key);
    if (place === null) return notThere(where, path, at, key);
    path.push(place);
    const container = at as Container;
    if (depth === keys.length - 1) setOwn(container, place, value);
    else if (!Object.hasOwn(container, place) || container[place] === null) {
      setOwn(container, place, /^\d+$/.test(keys[depth + 1]) ? [] : {});
    }
    at = container[place];
  }
  return { path, value, text };
}

function parseValue(text: string): { value: unknown; error: string | null } {
  const yaml = parseDocument(text, { prettyErrors: false });
  const error = yaml.errors[0]?.message.replace(/\.$/, "") ?? null;
  if (error !== null) return { value: null, error };
  try {
    return { value: yaml.toJS(), error };
  } catch (thrown) {
    // An alias without its anchor, such as `*.jsonl`.
    return { value: null, error: (thrown as Error).message };
  }
}

function setOwn(container: Container, key: string | number, value: unknown): void {
  Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true });
}

/** The key of this mapping or the index of this list; null if it is neither. */
function placeIn(container: unknown, key: string): string | number | null {
  if (isMapping(container)) return key;
  if (!Array.isArray(container) || !/^\d+$/.test(key) || Number(key) > container.length) return null;
  return Number(key);
}

function notThere(where: string, path: Path, at: unknown, key: string): ErrorParts {
  const name = formatPath(path) || "the recipe";
  if (!Array.isArray(at)) {
    return {
      where,
      expected: `a mapping at ${name}`,
      got: describeValue(at),
      hint: `Set ${name} itself: --set '${path.join(".")}=…'.`,
    };
  }
  return {
    where,
    expected: `an index from 0 to ${at.length} of the list ${name}`,
    got: JSON.stringify(key),
    hint: "Indices start at 0; the index after the last appends.",
  };
}
