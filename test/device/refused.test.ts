import { spawnSync } from "node:child_process";
import { cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.js";

const checkout = join(import.meta.dirname, "../..");
const elsewhere = temporaryFolder();
const addon = join(elsewhere, "native/build/strata.node");

/** The compiled program in a place where the addon was never built. */
function strata(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(elsewhere, "dist/cli/main.js"), ...args], {
    encoding: "utf8",
    cwd: checkout,
  });
  return { status, stdout, stderr };
}

beforeAll(() => {
  cpSync(join(checkout, "dist"), join(elsewhere, "dist"), { recursive: true });
  symlinkSync(join(checkout, "node_modules"), join(elsewhere, "node_modules"));
});

describe("without its addon the cpu device is refused with the reason, and nothing takes its place", () => {
  test.each(["auto", "cpu"])("when a recipe asks for %s", (device) => {
    expect(strata("plan", "recipes/demo.yaml", "--set", `machine.device=${device}`)).toEqual({
      status: 1,
      stdout: "",
      stderr: `DeviceError: cpu device — expected its compiled addon, got ${addon} has not been built.
  Install a C++ compiler (apt-get install g++) and run: npm run install. Or use the reference device, which is slow.
`,
    });
  });
  test("the reference device runs when it is asked for", () => {
    expect(strata("plan", "recipes/demo.yaml", "--set", "machine.device=reference").status).toBe(0);
  });
  test("the doctor says so", () => {
    expect(strata("doctor").stdout).toContain(`✗ device cpu: ${addon} has not been built\n✓ device reference\n`);
  });
});
