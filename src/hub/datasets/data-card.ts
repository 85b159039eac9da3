import { parse } from "yaml";
import { hubError } from "../network/hub-errors.js";

/** A configuration of a data set, from the YAML front matter of its README. */
export interface DataConfig {
  readonly name: string;
  readonly isDefault: boolean;
  /** The folder that patterns are relative to; "" for the repository's root. */
  readonly folder: string;
  /** File patterns by split; null if the splits follow from the file names. */
  readonly splits: ReadonlyMap<string, readonly string[]> | null;
}

/**
 * The configurations in a README.md; empty if it lists none.
 *
 * @throws StrataError if the front matter is malformed
 */
export function readDataCard(text: string, where: string): DataConfig[] {
  const front = /^\ufeff?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(text)?.[1];
  if (front === undefined) return [];
  const { configs } = (parseYaml(front, where) ?? {}) as { configs?: unknown };
  if (configs === undefined || configs === null) return [];
  const listed = Array.isArray(configs) ? (configs as unknown[]) : [configs];
  return listed.map((config) => parseConfig(config, where));
}

function parseYaml(front: string, where: string): unknown {
  try {
    return parse(front);
  } catch (error) {
    throw malformed(where, "YAML between the --- lines", `a parse error: ${(error as Error).message.split("\n")[0]}`);
  }
}

function parseConfig(config: unknown, where: string): DataConfig {
  const {
    config_name: name = "default",
    data_files: files,
    data_dir: folder = "",
    default: isDefault = false,
  } = (config ?? {}) as { config_name?: unknown; data_files?: unknown; data_dir?: unknown; default?: unknown };
  if (typeof folder !== "string") throw malformed(where, "a folder in data_dir");
  return {
    name: String(name),
    isDefault: isDefault === true || name === "default",
    folder: folder.replace(/^\.?\/+|\/+$|^\.$/g, ""),
    splits: files === undefined || files === null ? null : new Map(parseSplits(files, where)),
  };
}

/** A pattern, a list of patterns, `{split: pattern}`, or a list of `{split, path}`. */
function parseSplits(files: unknown, where: string): [string, readonly string[]][] {
  if (Array.isArray(files) && files.length > 0 && files.every(isMapping)) {
    return files.map(({ split, path }) => [String(split), patterns(path, where)]);
  }
  if (isMapping(files)) return Object.entries(files).map(([split, path]) => [split, patterns(path, where)]);
  return [["train", patterns(files, where)]];
}

function patterns(value: unknown, where: string): readonly string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > 0 && list.every((one) => typeof one === "string")) return list;
  throw malformed(where, "file names or patterns in data_files");
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(where: string, expected: string, got = "a value of another type") {
  return hubError({
    where: `${where} configs`,
    expected,
    got,
    hint: "List the files with `paths:` instead of `config` and `split`.",
  });
}
