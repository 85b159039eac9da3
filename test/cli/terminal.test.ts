import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeSmallRecipe } from "../run/small-recipe.js";
import { strata } from "../run/strata.js";
import { memoryFolder } from "../temporary-folder.js";
import { inTerminal, noTerminal, ownOutput, type Terminal } from "./pseudo-terminal.js";
import { screenAfter } from "./screen.js";

const title = noTerminal === null ? "in a terminal" : `in a terminal (skipped: ${noTerminal})`;
const folder = memoryFolder();
const recipe = writeSmallRecipe(folder);

/** A run whose trainings take seconds. With the same steps it continues what the test before has interrupted. */
function args(steps: number, documents = 10, strategies = "[vanilla, slerp-1]"): string[] {
  const changes = [
    `training.amount={ steps: ${steps} }`,
    "training.checkpointSteps=100",
    `strategies=${strategies}`,
    "machine.parallel=3",
    `evaluation=[{ name: loss, kind: loss, data: problems, documents: ${documents} }]`,
  ];
  return ["run", recipe, ...changes.flatMap((change) => ["--set", change]), "--runs", join(folder, "runs")];
}

const training = /[█░]{10}[^\n]* {2}train [^\n]* \d+\/\d+ steps/;
const colour = /\p{Cc}\[\d*m/u;

describe.skipIf(noTerminal !== null)(title, { timeout: 300_000 }, () => {
  test("Ctrl-C erases the bars and restores the cursor", async () => {
    const ended = await inTerminal(args(15_000), async (terminal) => {
      await terminal.seen(training);
      terminal.type("\x03");
    });
    expect(ended.code, ended.output).toBe(130);
    expectRestored(ownOutput(ended), /^Interrupted\. Run the same command again/);
  });

  test("a second Ctrl-C, which exits at once, restores the cursor", async () => {
    const ended = await inTerminal(args(15_000), async (terminal) => {
      await terminal.seen(training);
      terminal.type("\x03");
      await terminal.seen(/Stopping: /);
      terminal.type("\x03");
    });
    expect(ended.code, ended.output).toBe(130);
    expectRestored(ownOutput(ended), /./);
  });

  test("a stopped run shows the cursor, a continued one draws again, SIGTERM restores the cursor", async () => {
    const ended = await inTerminal(args(15_000), async (terminal) => {
      await terminal.seen(training);
      terminal.signal("SIGTSTP");
      await terminal.seen(/\r\p{Cc}\[J\p{Cc}\[\?25h$/u);
      terminal.signal("SIGCONT");
      await terminal.seen(/\?25l\r\d+ %/);
      terminal.signal("SIGTERM");
    });
    expect(ended.code, ended.output).toBe(130);
    expectRestored(ownOutput(ended), /^Interrupted\. /);
  });

  test("bars are ASCII without UTF-8 and get narrower with the terminal", async () => {
    let narrow = "";
    // Only parts that are trained side by side.
    const parts = [...args(15_000, 10, "[slerp-1]"), "--set", "baselines=[]"];
    const during = async (terminal: Terminal) => {
      await terminal.seen(/[#.]{10} {2}train [^\n]* \d+\/\d+ steps/);
      terminal.resize(30);
      await terminal.seen(/[#.]{6,} {2}train [^\n]*\.\.\.[^\n]*\[\d*A/);
      narrow = await terminal.seen(/[\s\S]*(\n[#.]{6}[^\n]*){2}/);
      terminal.type("\x03");
    };
    const ended = await inTerminal(parts, during, { LC_ALL: "C", NO_COLOR: "1" });
    expect(ended.code, ended.output).toBe(130);
    expect(ended.output).not.toMatch(/[█░]/);
    expect(ended.output).not.toMatch(colour);
    expect(narrow).toContain("train");
    expect(screenAfter(narrow, 30).wrapped).toEqual([]);
  });

  test("a run shows a bar for each running job and leaves only its lines", async () => {
    const ended = await inTerminal(args(2000));
    expect(ended.code, ended.output).toBe(0);
    expect(ended.output).toMatch(
      /\[36m█+\p{Cc}\[39m[^\n]* {2}train [^\n]* +\d+\/\d+ steps +loss \d\.\d{3} +\d+ tokens\/s/u,
    );
    const { lines, wrapped, cursorIsVisible } = screenAfter(ownOutput(ended), 100);
    expect(cursorIsVisible).toBe(true);
    expect(wrapped.filter((line) => /[█░]/.test(line))).toEqual([]);
    expect(lines.filter((line) => /[█░]|\d+\/\d+ jobs/.test(line))).toEqual([]);
    expect(lines).toContain("✓ evaluate vanilla");
  });

  test("TERM=dumb gets plain lines", async () => {
    const { code, output } = await inTerminal(args(400, 9), undefined, { TERM: "dumb" });
    expect(code, output).toBe(0);
    expect(output).not.toContain("\x1b");
    expect(output).toContain("✓ evaluate vanilla\r\n");
  });
});

test("without a terminal a run writes plain lines", { timeout: 300_000 }, async () => {
  const { code, err } = await strata(args(400, 8));
  expect(code, err).toBe(0);
  expect(err).not.toContain("\x1b");
  expect(err).toMatch(/^✓ evaluate vanilla$/m);
  for (const line of err.split("\n").filter((text) => /^\d+ % /.test(text)))
    expect(line).toMatch(/^\d+ % {2}\d+\/\d+ jobs {2}[^,]* (s|min), (estimating|about [^,]* left) {2}/);
});

function expectRestored(output: string, last: RegExp): void {
  const { lines, cursorIsVisible } = screenAfter(output, 100);
  expect(cursorIsVisible).toBe(true);
  expect(lines.filter((line) => /[█░]/.test(line))).toEqual([]);
  expect(lines.findLast((line) => line !== "")).toMatch(last);
}
