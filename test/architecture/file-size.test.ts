import { basename, dirname } from "node:path";
import { expect, test } from "vitest";
import { linesOf, trackedFiles } from "./source-files.js";

const files = trackedFiles([".ts"]).filter((path) => path.startsWith("src/"));

/** Files whose length is that of the formulas in them. */
const exempt = (path: string) => /^(forward|backward)\b/.test(basename(path));

test("a file of src has at most 300 lines", () => {
  expect(files.length).toBeGreaterThan(100);
  const long = files.filter((path) => !exempt(path) && linesOf(path).length - 1 > 300);
  expect(long.map((path) => `${path} has ${linesOf(path).length - 1}`)).toEqual([]);
});

test("most files of src are short: half of them have at most 100 lines, nine of ten at most 200", () => {
  const lengths = files.map((path) => linesOf(path).length - 1).sort((a, b) => a - b);
  expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(100);
  expect(lengths[Math.floor(lengths.length * 0.9)]).toBeLessThanOrEqual(200);
});

test("a folder of src has at most 20 files of its own", () => {
  const own = new Map<string, number>();
  for (const path of files) own.set(dirname(path), (own.get(dirname(path)) ?? 0) + 1);
  expect([...own].filter(([, count]) => count > 20).map(([folder, count]) => `${folder} has ${count}`)).toEqual([]);
});

/** Functions declared at the start of a line, with their lines, found by oxfmt's indentation: they end with a lone `}`. */
function longFunctions(path: string, limit: number): string[] {
  const lines = linesOf(path);
  return lines.flatMap((line, start) => {
    const name = /^(?:export )?(?:async )?function\*? (\w+)/.exec(line)?.[1];
    if (name === undefined) return [];
    const length = lines.indexOf("}", start) - start + 1;
    return length > limit ? [`${path}:${start + 1} ${name} has ${length}`] : [];
  });
}

test("functions of more than 40 lines are listed", ({ annotate }) => {
  const long = files.filter((path) => !exempt(path)).flatMap((path) => longFunctions(path, 40));
  return annotate(`${long.length} functions have more than 40 lines:\n${long.join("\n")}`);
});
