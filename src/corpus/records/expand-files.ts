import { plural } from "../../text/plural.js";
import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { StrataError } from "../../errors/strata-error.js";
import { nearestName } from "../../errors/nearest-name.js";

/**
 * Expands paths to files. `*` in a file name matches any characters; the matches of a pattern are sorted by name.
 *
 * @throws StrataError for a path that matches no file
 */
export function expandFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => (basename(path).includes("*") ? matches(path) : [existingFile(path)]));
}

function matches(path: string): string[] {
  const folder = dirname(path);
  const names = filesOf(folder);
  const pattern = new RegExp(`^${basename(path).split("*").map(escaped).join(".*")}$`, "s");
  const found = (names ?? []).filter((name) => pattern.test(name)).sort();
  if (found.length > 0) return found.map((name) => join(folder, name));
  const got = names === null ? `no folder ${folder}` : `no match among ${plural(names.length, "file")}`;
  throw noFile(path, "at least one file", got, "Check the pattern: only the file name may contain *.");
}

function existingFile(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) throw noFile(path, "a file", "a folder", "Name its files, for example with *.jsonl.");
  if (stat) return path;
  const similar = nearestName(basename(path), filesOf(dirname(path)) ?? []);
  throw noFile(path, "a file", "nothing", similar === null ? "Check the path." : `Did you mean "${similar}"?`);
}

function filesOf(folder: string): string[] | null {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return null;
  return readdirSync(folder)
    .filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile())
    .sort();
}

function escaped(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
}

function noFile(where: string, expected: string, got: string, hint: string): StrataError {
  return new StrataError("CorpusError", { where, expected, got, hint });
}
