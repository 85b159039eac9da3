import { parse } from "yaml";
import { hubError } from "../network/hub-errors.js";

/** A configuration of a data set, as its README's front matter tells it. */
export interface DataConfig {
  readonly name: string;
  readonly isDefault: boolean;
  /** The folder that patterns start in; "" for the repository. */
  readonly folder: string;
  /** Patterns of files by split; null where the usual names tell. */
  readonly splits: ReadonlyMap<string, readonly string[]> | null;
}

/**
 * The configurations of a README.md; none if it does not tell.
 *
 * @throws StrataError if its front matter is broken
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
    throw broken(where, "YAML between the lines ---", `an error: ${(error as Error).message.split("\n")[0]}`);
  }
}

function parseConfig(config: unknown, where: string): DataConfig {
  const {
    config_name: name = "default",
    data_files: files,
    data_dir: folder = "",
    default: isDefault = false,
  } = (config ?? {}) as { config_name?: unknown; data_files?: unknown; data_dir?: unknown; default?: unknown };
  if (typeof folder !== "string") throw broken(where, "a folder in data_dir");
  return {
    name: String(name),
    isDefault: isDefault === true || name === "default",
    folder: folder.replace(/^\.?\/+|\/+$|^\.$/g, ""),
    splits: files === undefined || files === null ? null : new Map(parseSplits(files, where)),
  };
}

/** A pattern, a list of them, `{split: pattern}`, or a list of `{split, path}`. */
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
  throw broken(where, "file names or patterns in data_files");
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function broken(where: string, expected: string, got = "something else") {
  return hubError({
    where: `${where} configs`,
    expected,
    got,
    hint: "Name the files yourself with `paths:` in place of config and split.",
  });
}
