import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the checkout. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Paths of the files that git tracks or would track, relative to the root, with one of these endings. */
export function trackedFiles(endings: readonly string[]): string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  return [...new Set(listed.split("\0"))]
    .filter((path) => endings.some((ending) => path.endsWith(ending)) && existsSync(join(root, path)))
    .sort();
}

/** The lines of a file, without what ends them. */
export function linesOf(path: string): string[] {
  return readFileSync(join(root, path), "utf8").split(/\r?\n/);
}

/** What a source file imports by a relative path, types and dynamic imports included: paths relative to the root. */
export function importsOf(path: string): string[] {
  const text = readFileSync(join(root, path), "utf8");
  return [...text.matchAll(/(?:\bfrom|\bimport\(|\bimport)\s*"(\.[^"]+)"/g)]
    .map(([, target]) => normalize(join(dirname(path), target)).replace(/\.js$/, ".ts"))
    .filter((target) => existsSync(join(root, target)));
}
