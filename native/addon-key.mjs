// Keys of what a compiled addon depends on: its sources and flags, the platform and the compiler.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/** Hash of all sources, flags and the platform; needs no compiler. */
export function sourcesKey() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const file of readdirSync(here)
    .filter((name) => /\.(cpp|hpp)$/.test(name) || ["compile.mjs", "instruction-sets.mjs"].includes(name))
    .sort()) {
    hash.update(`\0${file}\0`).update(readFileSync(join(here, file)));
  }
  return hash.digest("hex").slice(0, 16);
}

/** Key of the addon that this compiler builds: `SOURCES-COMPILER`. Null if the compiler does not exist. */
export function addonKey(compiler) {
  const { status, stdout } = spawnSync(compiler, ["--version"], { encoding: "utf8" });
  if (status !== 0) return null;
  const hash = createHash("sha256").update(`${compiler} ${stdout.split("\n")[0]}`);
  return `${sourcesKey()}-${hash.digest("hex").slice(0, 8)}`;
}
