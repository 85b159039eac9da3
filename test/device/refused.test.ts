import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.js";

const checkout = join(import.meta.dirname, "../..");
const elsewhere = temporaryFolder();
const cache = join(elsewhere, "cache");
const reason = "no C++ compiler (tried no-such-compiler)";

/** The compiled program in a checkout without an addon, on a machine without a compiler. */
function strata(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(elsewhere, "dist/cli/main.js"), ...args], {
    encoding: "utf8",
    cwd: checkout,
    env: { ...process.env, CXX: "no-such-compiler", STRATA_CACHE: cache },
  });
  return { status, stdout, stderr };
}

beforeAll(() => {
  for (const name of ["dist", "tasks"]) cpSync(join(checkout, name), join(elsewhere, name), { recursive: true });
  const isSource = (path: string) => path !== join(checkout, "native/build");
  cpSync(join(checkout, "native"), join(elsewhere, "native"), { recursive: true, filter: isSource });
  symlinkSync(join(checkout, "node_modules"), join(elsewhere, "node_modules"));
});

describe("without its addon the cpu device is refused with the reason, without fallback", () => {
  test.each(["auto", "cpu"])("when a recipe asks for %s", (device) => {
    expect(strata("plan", "recipes/demo.yaml", "--set", `machine.device=${device}`)).toEqual({
      status: 1,
      stdout: "",
      stderr:
        `DeviceError: cpu device — expected its compiled addon, got ${reason}.\n` +
        "  Install a C++ compiler (apt-get install g++; macOS: xcode-select --install) and run this again: " +
        "it compiles the addon, once. Or use the reference device, which is slow.\n",
    });
  });
  test("the reference device runs when it is named", () => {
    expect(strata("plan", "recipes/demo.yaml", "--set", "machine.device=reference").status).toBe(0);
  });
  test("doctor reports it", () => {
    const { stdout } = strata("doctor");
    expect(stdout).toContain(`✗ device cpu: ${reason}\n`);
    expect(stdout).toContain("✓ device reference\n");
  });
  const built = existsSync(join(checkout, "native/build/strata.key"));
  test.skipIf(!built)(`an addon of other sources is not used ${built ? "" : "(skipped: there is none)"}`, () => {
    mkdirSync(join(elsewhere, "native/build"));
    for (const name of ["strata.node", "strata.key"])
      cpSync(join(checkout, "native/build", name), join(elsewhere, "native/build", name));
    const available = "✓ device cpu\n";
    expect(strata("doctor").stdout).toContain(available);
    appendFileSync(join(elsewhere, "native/pool.cpp"), "\n");
    expect(strata("doctor").stdout).not.toContain(available);
  });
});
