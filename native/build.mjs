// Builds native/build/strata.node with the system's C++ compiler: no downloads, no node-gyp. Run from the package root
// by `npm install`. Each kernel family is compiled once per instruction set; the addon picks one when it is loaded.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const build = join(here, "build");
const addon = join(build, "strata.node");
const keyFile = join(build, "strata.key");
const compiler = process.env.CXX || "g++";

const common = ["-std=c++17", "-O3", "-fno-math-errno", "-fPIC", "-fvisibility=hidden", "-pthread", "-Wall", "-Wextra"];
const avx512 = ["-DSTRATA_WIDTH=16", ..."-mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma -mprefer-vector-width=512".split(" ")];
const sets = {
  portable: ["-DSTRATA_WIDTH=4"],
  ...(process.arch === "x64" && {
    avx2: ["-DSTRATA_WIDTH=8", "-mavx2", "-mfma"],
    avx512,
    avx512bf16: [...avx512, "-mavx512bf16"],
  }),
};
const once = ["binding.cpp", "pool.cpp"];

/** Every translation unit of the addon: its source, object name and flags. */
function units() {
  const families = readdirSync(here).filter((file) => file.endsWith(".cpp") && !once.includes(file)).sort();
  const perSet = Object.entries(sets).flatMap(([set, flags]) =>
    families.map((file) => ({ file, object: `${file}.${set}.o`, flags: [`-DSTRATA_ISA=${set}`, ...flags] })));
  // The largest families first, so that the last compiler does not run alone.
  const order = ["matmul.cpp", "attention.cpp"];
  perSet.sort((a, b) => order.indexOf(b.file) - order.indexOf(a.file));
  return [...perSet, ...once.map((file) => ({ file, object: `${file}.o`, flags: [] }))];
}

/** Changes whenever the addon would: sources, flags, compiler, platform. */
function buildKey(version) {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch} ${compiler} ${version}`);
  for (const file of readdirSync(here).filter((name) => /\.(cpp|hpp|mjs)$/.test(name)).sort()) {
    hash.update(`\0${file}\0`).update(readFileSync(join(here, file)));
  }
  return hash.digest("hex");
}

function compile(args) {
  return new Promise((resolve) => {
    const child = spawn(compiler, args, { stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", () => resolve(1));
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/** Runs the jobs two at a time; false as soon as one has failed. */
async function compileAll(jobs) {
  const queue = [...jobs];
  let good = true;
  const worker = async () => {
    while (good && queue.length > 0) if ((await compile(queue.shift())) !== 0) good = false;
  };
  await Promise.all([worker(), worker()]);
  return good;
}

async function main() {
  const probe = spawnSync(compiler, ["--version"], { encoding: "utf8" });
  if (probe.status !== 0) {
    console.warn(`strata: no C++ compiler (tried ${compiler}), so the native device is not built.`);
    console.warn("  Install one (apt-get install g++; macOS: xcode-select --install) and run: npm run install");
    console.warn("  Until then `--device reference` works, slowly.");
    return 0;
  }
  const key = buildKey(probe.stdout.split("\n")[0]);
  if (existsSync(addon) && existsSync(keyFile) && readFileSync(keyFile, "utf8") === key) return 0;
  const headers = dirname(createRequire(import.meta.url).resolve("node-api-headers/package.json"));
  const objects = join(build, `objects-${process.pid}`);
  mkdirSync(objects, { recursive: true });
  try {
    const list = units();
    const linked = join(objects, "strata.node");
    const jobs = list.map(({ file, object, flags }) =>
      [...common, ...flags, `-I${join(headers, "include")}`, "-c", join(here, file), "-o", join(objects, object)]);
    const shared = process.platform === "darwin" ? ["-bundle", "-undefined", "dynamic_lookup"] : ["-shared"];
    const built = (await compileAll(jobs)) &&
      (await compile([...shared, "-pthread", ...list.map(({ object }) => join(objects, object)), "-o", linked])) === 0;
    if (!built) {
      console.error(`strata: ${compiler} could not compile the native device; its messages are above.`);
      return 1;
    }
    renameSync(linked, addon);
    writeFileSync(keyFile, key);
    console.log(`strata: native device built (${Object.keys(sets).join(", ")})`);
    return 0;
  } finally {
    rmSync(objects, { recursive: true, force: true });
  }
}

process.exitCode = await main();
