// The translation units of the native kernels and their flags. One binary serves every machine of an architecture, so
// nothing is compiled with -march=native; each kernel family is compiled once per set of `instructionSets`.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
export const common = [
  "-std=c++17",
  "-O3",
  "-fno-math-errno",
  "-fPIC",
  "-fvisibility=hidden",
  "-pthread",
  "-Wall",
  "-Wextra",
];
/** Translation units that are compiled once; the others are kernel families. */
const once = ["binding.cpp", "instruction-sets.cpp", "pool.cpp"];
/** The largest families are compiled first, so that no long compilation runs alone at the end. */
const largest = ["matmul.cpp", "attention.cpp"];

/** Flags of each instruction set that is compiled for an architecture (`process.arch`). */
export function instructionSets(arch) {
  if (arch === "arm64") return { neon: ["-DSTRATA_WIDTH=4"] };
  const portable = ["-DSTRATA_WIDTH=4"];
  if (arch !== "x64") return { portable };
  const avx512 = [
    "-DSTRATA_WIDTH=16",
    ..."-mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma -mprefer-vector-width=512".split(" "),
  ];
  return { portable, avx2: ["-DSTRATA_WIDTH=8", "-mavx2", "-mfma"], avx512, avx512bf16: [...avx512, "-mavx512bf16"] };
}

/** Every translation unit of the addon: its source, object name and flags. */
export function units(sets) {
  const families = readdirSync(here)
    .filter((file) => file.endsWith(".cpp") && !once.includes(file))
    .sort();
  const perSet = Object.entries(sets).flatMap(([set, flags]) =>
    families.map((file) => ({ file, object: `${file}.${set}.o`, flags: [`-DSTRATA_ISA=${set}`, ...flags] })),
  );
  perSet.sort((a, b) => largest.indexOf(b.file) - largest.indexOf(a.file));
  return [...perSet, ...once.map((file) => ({ file, object: `${file}.o`, flags: [] }))];
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
