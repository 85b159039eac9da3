import { plural } from "../../text/plural.js";
import { readdirSync, statSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { StrataError } from "../../errors/strata-error.js";
import { nearestName } from "../../errors/nearest-name.js";

/**
 * Expands paths to files. `*` in a file name matches any characters, but no dot at its start; the matches of a pattern
 * are sorted by name.
 *
 * @throws StrataError for a path that matches no file
 */
export function expandFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => (basename(path).includes("*") ? matches(path) : [existingFile(path)]));
}

function matches(path: string): string[] {
  const folder = dirname(path);
  const names = filesOf(folder);
  // Hidden files, such as the `._NAME` of macOS, are not data.
  const hidden = basename(path).startsWith(".") ? "" : "(?!\\.)";
  const pattern = new RegExp(`^${hidden}${basename(path).split("*").map(escaped).join(".*")}$`, "s");
  const found = (names ?? []).filter((name) => pattern.test(name)).sort();
  if (found.length > 0) return found.map((name) => join(folder, name));
  const got = names === null ? `no folder ${folder}` : `no match among ${plural(names.length, "file")}`;
  throw noFile(path, "at least one file", got, "Check the pattern: only the file name may contain *.");
}

function existingFile(path: string): string {
  const stat = statOf(path);
  if (stat?.isDirectory()) throw noFile(path, "a file", "a folder", "Name its files, for example with *.jsonl.");
  if (stat?.isFile()) return path;
  if (stat) throw noFile(path, "a file", "a pipe or a device", "Write its content to a file.");
  if (path.includes("*")) throw noFile(path, "a file", "nothing", "Only the file name may contain *, no folder.");
  const withSlashes = path.replaceAll("\\", "/");
  if (withSlashes !== path && statOf(withSlashes))
    throw noFile(path, "a file", "nothing", `Did you mean "${withSlashes}"?`);
  const similar = nearestName(basename(path), filesOf(dirname(path)) ?? []);
  throw noFile(path, "a file", "nothing", similar === null ? "Check the path." : `Did you mean "${similar}"?`);
}

function filesOf(folder: string): string[] | null {
  if (!statOf(folder)?.isDirectory()) return null;
  return readdirSync(folder)
    .filter((name) => statOf(join(folder, name))?.isFile())
    .sort();
}

/** Follows links. Undefined if there is nothing, or a link to itself. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (["ELOOP", "ENAMETOOLONG"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

function escaped(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
}

function noFile(where: string, expected: string, got: string, hint: string): StrataError {
  return new StrataError("CorpusError", { where, expected, got, hint });
}
