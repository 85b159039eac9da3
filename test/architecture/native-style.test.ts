import { spawn, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { definitions, kernelFlags, kernelsOf } from "../../native/instruction-sets.mjs";
import { expect, test } from "vitest";

const checkout = join(import.meta.dirname, "../..");
const sources = ["native", "test/native"].flatMap((folder) =>
  readdirSync(join(checkout, folder))
    .filter((name) => /\.[ch]pp$/.test(name))
    .map((name) => join(folder, name)),
);
const units = sources.filter((path) => path.endsWith(".cpp"));

/** Null where the tool is there. Another version formats in another way, and knows other checks. */
function reasonAgainst(tool: string): string | null {
  const { status, stdout } = spawnSync(tool, ["--version"], { encoding: "utf8" });
  if (status !== 0) return `there is no ${tool}: apt-get install ${tool}`;
  return /version 14\./.test(stdout) ? null : `${tool} is not version 14`;
}

const [noFormat, noTidy] = ["clang-format", "clang-tidy"].map(reasonAgainst);
const because = (reason: string | null) => (reason === null ? "" : ` (skipped: ${reason})`);

test.skipIf(noFormat !== null)(`C++ is formatted as .clang-format says${because(noFormat)}`, () => {
  expect(sources.length).toBeGreaterThan(20);
  const { status, stderr } = spawnSync("clang-format", ["--dry-run", "--Werror", ...sources], {
    cwd: checkout,
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test.skipIf(noTidy !== null)(
  `C++ passes the checks of .clang-tidy, each kernel for one instruction set${because(noTidy)}`,
  { timeout: 900_000 },
  async () => {
    expect(units.length).toBeGreaterThan(10);
    // Two at a time, the largest spread over both.
    const halves = [0, 1].map((half) => units.filter((_, index) => index % 2 === half));
    expect(await Promise.all(halves.map(tidy))).toEqual([
      { code: 0, findings: "" },
      { code: 0, findings: "" },
    ]);
  },
);

function tidy(files: readonly string[]): Promise<{ code: number | null; findings: string }> {
  const headers = join(dirname(createRequire(import.meta.url).resolve("node-api-headers/package.json")), "include");
  const narrow = kernelsOf(process.arch).find(({ width }) => width === 4)!;
  const flags = ["-std=c++17", ...definitions(process.arch), ...kernelFlags(narrow), `-I${headers}`, "-Inative"];
  const child = spawn("clang-tidy", ["--quiet", ...files, "--", ...flags], {
    cwd: checkout,
    stdio: ["ignore", "pipe", "ignore"],
  });
  let findings = "";
  child.stdout.on("data", (piece) => (findings += piece));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, findings })));
}
