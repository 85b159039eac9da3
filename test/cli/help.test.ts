import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { defaultShardBytes } from "../../src/tensor/safetensors-shards.js";
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

  test("has examples that use its own command and options", () => {
    const examples = [...texts].flatMap(([command, text]) =>
      [...text.matchAll(/^ {2}(strata .*)$/gm)].map(([, line]) => ({ command, text, line })),
    );
    expect(examples.length).toBeGreaterThan(8);
    for (const { command, text, line } of examples) {
      expect(line).toMatch(new RegExp(`^strata ${command}`));
      for (const [option] of line.matchAll(/--[\w-]+/g)) expect(text, line).toContain(`  ${option} `);
    }
  });

  test("states the default size of shards, which the command leaves to the writer", () => {
    expect(texts.get("export hf")).toContain(`(default: ${defaultShardBytes / 1e9})`);
  });

  test("equals test/cli/help (after a change: UPDATE_GOLDEN=1 npx vitest run test/cli/help.test.ts)", () => {
    for (const [command, text] of texts)
      expect(text, `strata ${command} --help`).toBe(readFileSync(join(folder, fileOf(command)), "utf8"));
  });
});
