// Builds native/build/strata.node with the system's C++ compiler: no downloads, no node-gyp. Run from the package root
// by `npm install`. Each kernel family is compiled once per instruction set; the addon picks one when it is loaded.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { common, compile, compileAll, compileArguments, instructionSets, linkAddon, units } from "./compile.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const build = join(here, "build");
const addon = join(build, "strata.node");
const keyFile = join(build, "strata.key");
const compiler = process.env.CXX || "g++";
const sets = instructionSets(process.arch);

/** Changes whenever the addon would: sources, flags, compiler, platform. */
function buildKey(version) {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch} ${compiler} ${version}`);
  for (const file of readdirSync(here)
    .filter((name) => /\.(cpp|hpp|mjs)$/.test(name))
    .sort()) {
    hash.update(`\0${file}\0`).update(readFileSync(join(here, file)));
  }
  return hash.digest("hex");
}

async function main() {
  const probe = spawnSync(compiler, ["--version"], { encoding: "utf8" });
  if (probe.status !== 0) {
    console.warn(`strata: no C++ compiler (tried ${compiler}), so the cpu device is not built.`);
    console.warn("  Install one (apt-get install g++; macOS: xcode-select --install) and run: npm run install");
    console.warn("  Until then `--device reference` works, slowly.");
    return 0;
  }
  const key = buildKey(probe.stdout.split("\n")[0]);
  if (existsSync(addon) && existsSync(keyFile) && readFileSync(keyFile, "utf8") === key) return 0;
  const objects = join(build, `objects-${process.pid}`);
  mkdirSync(objects, { recursive: true });
  try {
    const list = units(sets);
    const linked = join(objects, "strata.node");
    const built =
      (await compileAll(
        compiler,
        list.map((unit) => compileArguments(unit, objects, common)),
      )) && (await compile(compiler, [...linkAddon, ...list.map(({ object }) => join(objects, object)), "-o", linked]));
    if (!built) {
      console.error(`strata: ${compiler} could not compile the addon of the cpu device; its messages are above.`);
      return 1;
    }
    renameSync(linked, addon);
    writeFileSync(keyFile, key);
    console.log(`strata: cpu device built (${Object.keys(sets).join(", ")})`);
    return 0;
  } finally {
    rmSync(objects, { recursive: true, force: true });
  }
}

process.exitCode = await main();
