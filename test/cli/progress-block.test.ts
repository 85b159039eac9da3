import fc from "fast-check";
import { expect, test } from "vitest";
import { progressBlock, type BlockTerminal, type RunningJob } from "../../src/cli/view/progress/progress-block.js";
import { jobText } from "../../src/cli/view/progress/progress-text.js";
import { createTimeLeft } from "../../src/cli/view/progress/time-left.js";
import { terminalStyle } from "../../src/cli/environment/terminal-style.js";
import { displayWidth } from "../../src/text/display-width.js";

const wide: BlockTerminal = { columns: 110, rows: 24, unicode: true, colour: false };
const training: RunningJob = {
  title: "train layers 0-2 on shard 2",
  progress: { done: 120, total: 400, unit: "steps", note: "loss 3.860", tokensPerSecond: 8312.4 },
  secondsLeft: 42,
};
const evaluation: RunningJob = {
  title: "evaluate vanilla",
  progress: { done: 1, total: 28, unit: "windows", note: "" },
  secondsLeft: null,
};
const starting: RunningJob = { title: "merge 表 parts", progress: null, secondsLeft: null };
const all = [training, evaluation, starting];

test("a block is the heading and an aligned line for each running job", () => {
  expect(progressBlock("45 %  3/18 jobs", all, wide)).toEqual([
    "45 %  3/18 jobs",
    "██████░░░░░░░░░░░░░░  train layers 0-2 on shard 2  120/400 steps  loss 3.860  8312 tokens/s  42 s left",
    "░░░░░░░░░░░░░░░░░░░░  evaluate vanilla              1/28 windows",
    "░░░░░░░░░░░░░░░░░░░░  merge 表 parts",
  ]);
});

test("a narrower terminal shows less, the title last of all", () => {
  const line = (columns: number) => progressBlock("", [training], { ...wide, columns, unicode: false })[1];
  expect([95, 80, 70, 40, 26, 8].map(line)).toEqual([
    "###.......  train layers 0-2 on shard 2  120/400 steps  loss 3.860  8312 tokens/s  42 s left",
    "###.......  train layers 0-2 on shard 2  120/400 steps  loss 3.860  42 s left",
    "###.......  train layers 0-2 on shard 2  120/400 steps  42 s left",
    "#.....  train layers 0-2 on shard 2",
    "train layer... on shard 2",
    "tr... 2",
  ]);
});

test("only a finished job has a full bar", () => {
  const bar = (done: number) =>
    progressBlock("", [{ ...training, progress: { done, total: 400, unit: "steps", note: "" } }], wide)[1].slice(0, 20);
  expect(bar(399)).toBe(`${"█".repeat(19)}░`);
  expect(bar(400)).toBe("█".repeat(20));
  expect(bar(500)).toBe("█".repeat(20));
});

const text = fc.string({
  unit: fc.constantFrom(..."aZ 0é表字漢한｡\n\x1b", "e\u0301", "👩‍💻", "🇫🇷", "❤️", "क्ष"),
  maxLength: 60,
});
const progress = fc.record(
  {
    done: fc.nat(1e6),
    total: fc.nat(1e6),
    unit: fc.constantFrom("steps", "bytes", "windows"),
    note: text,
    tokensPerSecond: fc.nat(1e6),
  },
  { requiredKeys: ["done", "total", "unit", "note"] },
);
const job: fc.Arbitrary<RunningJob> = fc.record({
  title: text,
  progress: fc.option(progress),
  secondsLeft: fc.option(fc.nat(1e6)),
});
const terminal: fc.Arbitrary<BlockTerminal> = fc.record({
  columns: fc.integer({ min: 1, max: 200 }),
  rows: fc.integer({ min: 1, max: 30 }),
  unicode: fc.boolean(),
  colour: fc.boolean(),
});
const settings = { seed: 7, numRuns: 300 };
const colours = /\p{Cc}\[\d+m/gu;

test("a block is narrower than the terminal, has at most its rows, and has colours only where there are some", () => {
  fc.assert(
    fc.property(fc.array(job, { maxLength: 40 }), terminal, (jobs, at) => {
      const lines = progressBlock("45 %  3/18 jobs  1 min 05 s, about 1 min 20 s left", jobs, at);
      expect(lines.length).toBeLessThanOrEqual(at.rows);
      expect(Math.max(...lines.map((line) => displayWidth(line.replace(colours, ""))))).toBeLessThan(at.columns);
      if (!at.colour) expect(lines.join("")).not.toMatch(colours);
      expect(lines.join("").replace(colours, "")).not.toMatch(/\p{Cc}/u);
    }),
    settings,
  );
});

test("each running job has a line, or is counted in the last one", () => {
  fc.assert(
    fc.property(fc.array(job, { maxLength: 40 }), fc.integer({ min: 2, max: 50 }), (jobs, rows) => {
      const lines = progressBlock("", jobs, { ...wide, rows });
      const more = Number(/^… and (\d+) more$/.exec(lines.at(-1) as string)?.[1] ?? 0);
      expect(lines.length - 1 - (more > 0 ? 1 : 0) + more).toBe(jobs.length);
      if (jobs.length <= rows - 3) expect(more).toBe(0);
    }),
    settings,
  );
});

test("the rows that do not fit are counted", () => {
  const lines = progressBlock(
    "heading",
    Array.from({ length: 9 }, () => training),
    { ...wide, rows: 6 },
  );
  expect(lines).toHaveLength(5);
  expect(lines[4]).toBe("… and 6 more");
});

test("the plain text of a job does not have its speed", () => {
  expect(jobText(training.title, training.progress)).toBe("train layers 0-2 on shard 2: 120/400 steps, loss 3.860");
});

test("time left is the job's own, else follows from the speed since its progress first changed", () => {
  let now = 1000;
  const timeLeft = createTimeLeft(() => now);
  const at = (done: number, secondsLeft?: number) =>
    timeLeft("a", { done, total: 400, unit: "steps", note: "", secondsLeft });
  expect(at(50)).toBe(null);
  now = 60_000;
  // The first change: loading took a minute.
  expect(at(100)).toBe(null);
  now = 70_000;
  expect(at(200)).toBe(20);
  expect(at(200, 7)).toBe(7);
  // The job began again.
  expect(at(0)).toBe(null);
  expect(at(10)).toBe(null);
  now = 71_000;
  expect(at(110)).toBe(2.9);
});

test("block characters need a UTF-8 locale; colours a terminal that has them, and no NO_COLOR", () => {
  const out = { isTTY: true, hasColors: () => true } as unknown as NodeJS.WriteStream;
  const file = { isTTY: undefined } as unknown as NodeJS.WriteStream;
  const xterm = { TERM: "xterm", LANG: "de_DE.utf8" };
  expect(terminalStyle(out, xterm)).toEqual({ redraws: true, unicode: true, colour: true });
  expect(terminalStyle(out, { ...xterm, NO_COLOR: "1" }).colour).toBe(false);
  expect(terminalStyle(out, { ...xterm, NO_COLOR: "" }).colour).toBe(true);
  expect(terminalStyle(out, { ...xterm, LC_ALL: "C" }).unicode).toBe(false);
  expect(terminalStyle(out, { TERM: "dumb" })).toEqual({ redraws: false, unicode: false, colour: false });
  expect(terminalStyle(file, xterm)).toEqual({ redraws: false, unicode: true, colour: false });
});
