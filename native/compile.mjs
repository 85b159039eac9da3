// The translation units of the native kernels and their flags. One binary serves every machine of an architecture, so
// nothing is compiled with -march=native; each kernel family is compiled once per kernels of instruction-sets.mjs.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { definitions, kernelFlags, kernelsOf } from "./instruction-sets.mjs";

const here = dirname(fileURLToPath(import.meta.url));
export const common = [
  "-std=c++17",
  "-O3",
  "-fno-math-errno",
  // Each operation rounds by itself unless the source says otherwise, so that every compiler gives the same bits.
  "-ffp-contract=off",
  "-fPIC",
  "-fvisibility=hidden",
  "-pthread",
  "-Wall",
  "-Wextra",
];
/** Translation units that are compiled once; the others are kernel families. */
const once = ["binding.cpp", "instruction-sets.cpp", "pool.cpp", "tiles.cpp", "transfers.cpp"];
/** The largest families are compiled first, so that no long compilation runs alone at the end. */
const largest = ["matmul.cpp", "attention.cpp"];

/**
 * Every translation unit of an addon for an architecture (`process.arch`): its source, object name and flags.
 *
 * @param emulated  of the addon that emulates instruction sets
 */
export function units(arch, emulated = false) {
  const families = readdirSync(here)
    .filter((file) => file.endsWith(".cpp") && !once.includes(file))
    .sort();
  const macros = definitions(arch, emulated);
  const perKernels = kernelsOf(arch, emulated).flatMap((kernels) =>
    families.map((file) => ({
      file,
      object: `${file}.${kernels.name}.o`,
      flags: [...macros, ...kernelFlags(kernels)],
    })),
  );
  perKernels.sort((a, b) => largest.indexOf(b.file) - largest.indexOf(a.file));
  return [...perKernels, ...once.map((file) => ({ file, object: `${file}.o`, flags: macros }))];
}

/** The command line that compiles one unit into `folder`. */
export function compileArguments({ file, object, flags }, folder, options) {
  const headers = join(dirname(createRequire(import.meta.url).resolve("node-api-headers/package.json")), "include");
  return [...options, ...flags, `-I${headers}`, "-c", join(here, file), "-o", join(folder, object)];
}

/** Flags that link objects into an addon. */
export const linkAddon = [
  ...(process.platform === "darwin" ? ["-bundle", "-undefined", "dynamic_lookup"] : ["-shared"]),
  "-pthread",
];

/** @returns whether it succeeded; the compiler prints its own messages */
export function compile(compiler, args) {
  return new Promise((resolve) => {
    const child = spawn(compiler, args, { stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", () => resolve(false));
    child.on("close", (code) => resolve(code === 0));
  });
}

/** Runs the command lines, several at once; stops after a failure. @returns whether all succeeded */
export async function compileAll(compiler, jobs) {
  const queue = [...jobs];
  let good = true;
  const worker = async () => {
    while (good && queue.length > 0) if (!(await compile(compiler, queue.shift()))) good = false;
  };
  // Each compiler uses up to 300 MB.
  const workers = Math.min(8, Math.max(2, availableParallelism()));
  await Promise.all(Array.from({ length: workers }, worker));
  return good;
}
