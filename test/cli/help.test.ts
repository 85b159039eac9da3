import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { helpTexts } from "./help-texts.js";

// Texts at 80 columns, the width for an output that is not a terminal. UPDATE_GOLDEN=1 rewrites them.
const folder = join(import.meta.dirname, "help");
const fileOf = (command: string) => `${["strata", ...command.split(" ").filter(Boolean)].join("-")}.txt`;

describe("help", () => {
  let texts: Map<string, string>;

  beforeAll(async () => {
    texts = await helpTexts();
    if (process.env.UPDATE_GOLDEN !== "1") return;
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    for (const [command, text] of texts) writeFileSync(join(folder, fileOf(command)), text);
  });

  test("is stored for every listed command, and for no other", () => {
    expect(texts.size).toBeGreaterThan(8);
    expect(readdirSync(folder).sort()).toEqual([...texts.keys()].map(fileOf).sort());
  });

  test("equals test/cli/help (after a change: UPDATE_GOLDEN=1 npx vitest run test/cli/help.test.ts)", () => {
    for (const [command, text] of texts)
      expect(text, `strata ${command} --help`).toBe(readFileSync(join(folder, fileOf(command)), "utf8"));
  });
});
