// Compiles the addon with the system's C++ compiler: no downloads, no node-gyp. Each kernel family is compiled once per
// instruction set; the addon selects one at run time.
//
//   node native/build.mjs                  in a checkout, by `npm ci` and `npm test`: updates native/build
//   node native/build.mjs FOLDER COMPILER  for an installed package, called by the program on first use
//
// With `emulated` as the last argument: the addon that emulates instruction sets, in the same way.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { addonKey } from "./addon-key.mjs";
import { common, compile, compileAll, compileArguments, linkAddon, units } from "./compile.mjs";
import { kernelsOf } from "./instruction-sets.mjs";

const emulated = process.argv.at(-1) === "emulated";
const given = process.argv.slice(2, emulated ? -1 : undefined);
const installing = given.length === 0;
const folder = given[0] ?? join(dirname(fileURLToPath(import.meta.url)), "build");
const compiler = given[1] ?? (process.env.CXX || "g++");
const name = emulated ? "strata-emulated" : "strata";
const addon = join(folder, `${name}.node`);
const keyFile = join(folder, `${name}.key`);

/** Compiles in a temporary folder and renames: several processes may build at once, and an addon is always complete. */
async function build(key) {
  mkdirSync(folder, { recursive: true });
  removeAbandoned();
  const objects = join(folder, `objects-${process.pid}`);
  mkdirSync(objects, { recursive: true });
  const clean = () => rmSync(objects, { recursive: true, force: true });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      clean();
      process.exit(1);
    });
  }
  try {
    const list = units(process.arch, emulated);
    const linked = join(objects, `${name}.node`);
    const lines = list.map((unit) => compileArguments(unit, objects, common));
    const link = [...linkAddon, ...list.map(({ object }) => join(objects, object)), "-o", linked];
    if (!((await compileAll(compiler, lines)) && (await compile(compiler, link)))) return false;
    renameSync(linked, addon);
    writeFileSync(keyFile, key);
    return true;
  } finally {
    clean();
  }
}

/** Removes the objects of killed compilations, after an hour. */
function removeAbandoned() {
  const hour = 3_600_000;
  for (const name of readdirSync(folder).filter((name) => name.startsWith("objects-"))) {
    const path = join(folder, name);
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - changed > hour) rmSync(path, { recursive: true, force: true });
  }
}

async function main() {
  const key = addonKey(compiler);
  if (key === null) {
    console.warn(`strata: no C++ compiler (tried ${compiler}), so the cpu device was not built.`);
    console.warn("  Install one (apt-get install g++; macOS: xcode-select --install): the first use then compiles it.");
    console.warn("  Until then use `--device reference`, which is slow.");
    return installing ? 0 : 1;
  }
  if (existsSync(addon) && existsSync(keyFile) && readFileSync(keyFile, "utf8") === key) return 0;
  if (!(await build(key))) {
    console.error(`strata: ${compiler} could not compile the cpu device; its messages are above.`);
    return 1;
  }
  console.log(
    `strata: cpu device built (${kernelsOf(process.arch, emulated)
      .map(({ name }) => name)
      .join(", ")})`,
  );
  return 0;
}

process.exitCode = await main();
