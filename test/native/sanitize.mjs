// `npm run sanitize [address|thread|valgrind|arm64 …]`: checks the kernels for memory errors, undefined behavior and
// data races, and runs them on another processor family. Nothing is suppressed. A step whose tool is missing is skipped
// with the reason; it is an error only if the step was named. Builds are kept in native/build/sanitized.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { common, compile, compileAll, compileArguments, linkAddon, units } from "../../native/compile.mjs";
import { definitions } from "../../native/instruction-sets.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const native = join(root, "native");
const compiler = process.env.CXX || "g++";
const watched = [
  "-std=c++17",
  "-O1",
  "-g",
  "-fno-omit-frame-pointer",
  "-fno-math-errno",
  "-fPIC",
  "-pthread",
  "-Wall",
  "-Wextra",
];

class Missing extends Error {}

function has(command) {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
}
function need(command, install) {
  if (!has(command)) throw new Missing(`${command} is not installed (${install})`);
}

function newest(folder, pattern) {
  return Math.max(
    ...readdirSync(folder)
      .filter((name) => pattern.test(name))
      .map((name) => statSync(join(folder, name)).mtimeMs),
  );
}

/** Compiles every unit except the binding, and the driver; reuses objects that are newer than the sources. */
async function objectsOf(
  name,
  { cxx = compiler, arch = process.arch, emulated = false, options, withBinding = false },
) {
  const folder = join(native, "build/sanitized", name);
  mkdirSync(folder, { recursive: true });
  const list = units(arch, emulated).filter(({ file }) => withBinding || file !== "binding.cpp");
  const headers = Math.max(newest(native, /\.(hpp|mjs)$/), newest(here, /\.hpp$/));
  const fresh = (object, source) =>
    existsSync(object) &&
    statSync(object).mtimeMs >
      Math.max(headers, statSync(source).mtimeMs, statSync(fileURLToPath(import.meta.url)).mtimeMs);
  const driver = join(folder, "check-kernels.o");
  const driverSource = join(here, "check-kernels.cpp");
  const jobs = list
    .filter(({ file, object }) => !fresh(join(folder, object), join(native, file)))
    .map((unit) => compileArguments(unit, folder, options));
  if (!fresh(driver, driverSource))
    jobs.push([...options, ...definitions(arch, emulated), `-I${native}`, "-c", driverSource, "-o", driver]);
  if (!(await compileAll(cxx, jobs))) throw new Error(`${cxx} could not compile: its messages are above`);
  return {
    folder,
    driver,
    binding: join(folder, "binding.cpp.o"),
    kernels: list.filter(({ file }) => file !== "binding.cpp").map(({ object }) => join(folder, object)),
  };
}

async function linked(cxx, args, output) {
  if (!(await compile(cxx, [...args, "-o", output]))) throw new Error(`${cxx} could not link ${output}`);
  return output;
}

function run(command, args, env = {}) {
  const { status, signal } = spawnSync(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`${[command, ...args].join(" ")} ended with ${status ?? signal}`);
}

/**
 * AddressSanitizer and UndefinedBehaviorSanitizer: the driver, then the addon in Node with the tests of device and
 * model.
 */
async function address() {
  const library = (name) => spawnSync(compiler, [`-print-file-name=${name}`], { encoding: "utf8" }).stdout.trim();
  if (!library("libasan.so").startsWith("/")) throw new Missing(`${compiler} has no AddressSanitizer`);
  const sanitizers = ["-fsanitize=address,undefined,float-cast-overflow", "-fno-sanitize-recover=all"];
  const built = await objectsOf("address", { options: [...watched, ...sanitizers], withBinding: true });
  const driver = await linked(
    compiler,
    ["-pthread", ...sanitizers, built.driver, ...built.kernels],
    join(built.folder, "check-kernels"),
  );
  const addon = await linked(
    compiler,
    [...linkAddon, ...sanitizers, built.binding, ...built.kernels],
    join(built.folder, "strata.node"),
  );
  run(driver, [], { ASAN_OPTIONS: "strict_init_order=1" });
  // Emulated sets run the code of instructions that this processor may lack.
  const other = await objectsOf("address-emulated", { emulated: true, options: [...watched, ...sanitizers] });
  const emulating = join(other.folder, "check-kernels");
  run(await linked(compiler, ["-pthread", ...sanitizers, other.driver, ...other.kernels], emulating), [], {
    ASAN_OPTIONS: "strict_init_order=1",
  });
  const loaded = join(built.folder, "loaded");
  rmSync(loaded, { force: true });
  // Sanitizers are slow, and a busy machine makes them slower.
  const patience = ["--testTimeout=900000", "--hookTimeout=900000", "--teardownTimeout=300000"];
  run(
    process.execPath,
    [join(root, "node_modules/vitest/vitest.mjs"), "run", ...patience, "test/device", "test/model"],
    {
      LD_PRELOAD: library("libasan.so"),
      // Node does not free all its memory at exit, so leaks are checked only in the driver.
      ASAN_OPTIONS: "detect_leaks=0",
      NODE_OPTIONS: `--require ${join(here, "load-sanitized.cjs")}`,
      STRATA_SANITIZED_ADDON: addon,
      STRATA_SANITIZED_LOADED: loaded,
    },
  );
  if (!existsSync(loaded)) throw new Error("the tests did not load the addon that was built with sanitizers");
}

/** ThreadSanitizer for the driver only: Node would have to be built with it. */
async function thread() {
  if (process.platform !== "linux") throw new Missing("it runs only on Linux");
  const options = [...watched, "-fsanitize=thread"];
  const built = await objectsOf("thread", { options });
  run(
    await linked(
      compiler,
      ["-pthread", "-fsanitize=thread", built.driver, ...built.kernels],
      join(built.folder, "check-kernels"),
    ),
    [],
  );
}

/** Valgrind for the driver with release flags: also detects reads of uninitialized memory. It has no AVX-512. */
async function valgrind() {
  need("valgrind", "apt-get install valgrind");
  const built = await objectsOf("plain", { options: [...common, "-g"] });
  const driver = await linked(
    compiler,
    ["-pthread", built.driver, ...built.kernels],
    join(built.folder, "check-kernels"),
  );
  run("valgrind", [
    "--error-exitcode=9",
    "--leak-check=full",
    "--errors-for-leak-kinds=definite,indirect,possible",
    "--fair-sched=yes",
    "-q",
    driver,
  ]);
}

/**
 * The kernels for 64-bit Arm, compiled without warnings and run by qemu; compares their results with those of this
 * machine.
 */
async function arm64() {
  const cross = "aarch64-linux-gnu-g++",
    emulator = has("qemu-aarch64-static") ? "qemu-aarch64-static" : "qemu-aarch64";
  need(cross, "apt-get install g++-aarch64-linux-gnu");
  const arm = await objectsOf("arm64", {
    cxx: cross,
    arch: "arm64",
    options: [...common, "-Werror"],
    withBinding: true,
  });
  const armDriver = await linked(
    cross,
    ["-static", "-pthread", arm.driver, ...arm.kernels],
    join(arm.folder, "check-kernels"),
  );
  need(emulator, "apt-get install qemu-user-static");
  const built = await objectsOf("plain", { options: [...common, "-g"] });
  const driver = await linked(
    compiler,
    ["-pthread", built.driver, ...built.kernels],
    join(built.folder, "check-kernels"),
  );
  const results = join(arm.folder, "results.bin");
  run(driver, ["--write", results]);
  run(emulator, [armDriver, "--compare", results]);
}

const steps = { address, thread, valgrind, arm64 };
const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : Object.keys(steps)) {
  if (!(name in steps)) throw new RangeError(`expected a step of ${Object.keys(steps).join(", ")}, got ${name}`);
  const started = performance.now();
  try {
    console.log(`\n— ${name}`);
    await steps[name]();
    console.log(`✓ ${name} passed (${((performance.now() - started) / 1000).toFixed(0)} s)`);
  } catch (error) {
    const skipped = error instanceof Missing;
    console.log(`${skipped ? "– skipped" : "✗"} ${name}: ${error.message}`);
    if (!skipped || asked.includes(name)) process.exitCode = 1;
  }
}
