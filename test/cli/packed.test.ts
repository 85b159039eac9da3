import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { common } from "../../native/compile.mjs";
import { definitions, kernelFlags, kernelsOf } from "../../native/instruction-sets.mjs";
import { temporaryFolder } from "../temporary-folder.js";

const checkout = join(import.meta.dirname, "../..");
const dependencies = join(checkout, "node_modules");
const root = temporaryFolder();
const installed = join(root, "node_modules/strata");
const cache = join(root, "cache");
const model = join(checkout, "test/golden/gguf/untied");
const compiling = "strata: compiling the kernels once, which takes about half a minute …\n";
const systemCompiler = process.env.CXX || "g++";
const quickCompiler = join(root, "quick-compiler");

function run(command: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: "utf8",
    cwd: root,
    env: { ...process.env, STRATA_CACHE: cache, CXX: quickCompiler, ...environment },
  });
  return { status, stdout, stderr };
}
const strata = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  run(process.execPath, [join(installed, "dist/cli/main.js"), ...args], environment);

interface Doctor {
  readonly devices: readonly { readonly name: string; readonly available: boolean; readonly reason: string | null }[];
}
const cpu = (stdout: string) => (JSON.parse(stdout) as Doctor).devices.find(({ name }) => name === "cpu");

let files: readonly string[];

/** Installs the packed package in an empty prefix, with the checkout's dependencies instead of a registry's. */
beforeAll(() => {
  const packed = run("npm", ["pack", checkout, "--ignore-scripts", "--json", "--pack-destination", root]);
  expect(packed).toMatchObject({ status: 0 });
  const [{ filename, files: listed }] = JSON.parse(packed.stdout) as [
    { filename: string; files: readonly { path: string }[] },
  ];
  files = listed.map(({ path }) => path);
  mkdirSync(installed, { recursive: true });
  expect(run("tar", ["-xzf", join(root, filename), "--strip-components=1", "-C", installed])).toMatchObject({
    status: 0,
  });
  const { dependencies: needed } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as {
    dependencies: Readonly<Record<string, string>>;
  };
  for (const name of Object.keys(needed)) {
    mkdirSync(join(root, "node_modules", name, ".."), { recursive: true });
    symlinkSync(join(dependencies, name), join(root, "node_modules", name));
  }
  writeQuickCompiler();
});

const headers = join(root, "headers");

/** Other tests check and time the kernels; this one only compiles them, without optimization to be fast. */
function writeQuickCompiler(): void {
  mkdirSync(headers);
  writeFileSync(join(headers, "vector.hpp"), `#include "${join(installed, "native/vector.hpp")}"\n`);
  const isKernel = `case "$*" in *STRATA_ISA*) set -- "$@" -I${headers} -include vector.hpp;; esac`;
  writeFileSync(quickCompiler, `#!/bin/sh\n${isKernel}\nexec ${systemCompiler} "$@" -O0\n`);
  chmodSync(quickCompiler, 0o755);
}

/**
 * Compiles the header that all kernels include, which takes most of their time, once per instruction set. GCC then uses
 * the one with the flags of its own; other compilers read the header again.
 */
function compileHeader(): void {
  const compiled = join(headers, "vector.hpp.gch");
  mkdirSync(compiled);
  for (const kernels of kernelsOf(process.arch)) {
    const flags = [...common, ...definitions(process.arch), ...kernelFlags(kernels), "-O0", "-x", "c++-header"];
    run(systemCompiler, [...flags, join(headers, "vector.hpp"), "-o", join(compiled, kernels.name)]);
  }
}

test("the package contains the program and the sources of its kernels, and no compiled kernels", () => {
  expect(files).toEqual(expect.arrayContaining(["dist/cli/main.js", "native/binding.cpp", "native/addon-key.mjs"]));
  expect(files.filter((path) => /\.(node|o|so|a|key)$|^native\/.*\//.test(path))).toEqual([]);
});

describe("without a compiler", () => {
  const environment = { CXX: "no-such-compiler" };

  test("the doctor reports it, and the reference device works if selected", () => {
    expect(cpu(strata(["doctor", "--json"], environment).stdout)).toMatchObject({
      available: false,
      reason: "no C++ compiler (tried no-such-compiler)",
    });
    const generate = ["generate", "--model", model, "--prompt", "a", "--max-tokens", "4"];
    expect(strata([...generate, "--device", "reference"], environment)).toMatchObject({ status: 0, stderr: "" });
    expect(strata(generate, environment)).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "DeviceError: cpu device — expected its compiled addon, got no C++ compiler (tried no-such-compiler).\n" +
        "  Install a C++ compiler (apt-get install g++; macOS: xcode-select --install) and run this again: it " +
        "compiles the addon, once. Or use the reference device, which is slow.\n",
    });
  });

  test("a run fails before its first job", () => {
    const ended = strata(["run", join(checkout, "recipes/demo.yaml"), "--runs", join(root, "runs")], environment);
    expect(ended).toMatchObject({ status: 1, stdout: "" });
    expect(ended.stderr).toMatch(/^DeviceError: cpu device — .*\n.*\n$/);
    expect(existsSync(join(root, "runs"))).toBe(false);
  });
});

test("a compiler that fails is reported with its first error", () => {
  const failing = join(root, "failing-compiler");
  writeFileSync(failing, '#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "x.cpp:1: error: no" >&2\nexit 1\n');
  chmodSync(failing, 0o755);
  const ended = strata(["doctor", "--json"], { CXX: failing });
  expect(ended).toMatchObject({ status: 0, stderr: compiling });
  expect(cpu(ended.stdout)).toMatchObject({
    available: false,
    reason: "a failed compilation: x.cpp:1: error: no",
  });
});

const reason = compilerReason();
const skipNote = reason === null ? "" : ` (skipped: ${reason})`;

test.skipIf(reason !== null)(
  `the kernels are compiled at first use, which one line reports, and only then${skipNote}`,
  { timeout: 900_000 },
  () => {
    rmSync(cache, { recursive: true, force: true });
    compileHeader();
    const first = strata(["doctor", "--json"]);
    expect(first).toMatchObject({ status: 0, stderr: compiling });
    expect(cpu(first.stdout)).toMatchObject({ available: true, reason: null });
    // Rates that are measured where an instruction set may be slower than the one below.
    const isRates = (name: string) => /^bf16-[0-9a-f]{16}\.json$/.test(name);
    const [folder, ...others] = readdirSync(cache).filter((name) => !isRates(name));
    expect(others).toEqual([]);
    expect(folder).toMatch(/^addon-[0-9a-f]{16}-[0-9a-f]{8}$/);
    expect(readdirSync(join(cache, folder)).sort()).toEqual(["strata.key", "strata.node"]);
    expect(existsSync(join(installed, "native/build"))).toBe(false);

    expect(strata(["doctor", "--json"])).toEqual({ ...first, stdout: expect.any(String), stderr: "" });
    const generated = strata(["generate", "--model", model, "--prompt", "a", "--max-tokens", "4", "--json"]);
    expect(generated).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(generated.stdout)).toMatchObject({ tokens: expect.any(Array) });
    // The compiler is not needed again.
    expect(strata(["doctor", "--json"], { CXX: "no-such-compiler" })).toMatchObject({ status: 0, stderr: "" });
    // A program that imports the package finds the kernels that the command has compiled.
    const library = join(root, "library.mjs");
    writeFileSync(
      library,
      `import { openDevice, prepareAddon } from "strata";
       prepareAddon(${JSON.stringify({ cacheFolder: cache, compiler: quickCompiler })});
       console.log((await openDevice("cpu", 1, "f32")).facts.device);`,
    );
    expect(run(process.execPath, [library])).toEqual({ status: 0, stdout: "cpu\n", stderr: "" });
  },
);

function compilerReason(): string | null {
  const { status } = spawnSync(systemCompiler, ["--version"], { stdio: "ignore" });
  return status === 0 ? null : `no C++ compiler (tried ${systemCompiler})`;
}
