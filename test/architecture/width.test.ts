import { expect, test } from "vitest";
import { linesOf, trackedFiles } from "./source-files.js";

const width = 120;
const endings = [".ts", ".mjs", ".cjs", ".cpp", ".hpp", ".py", ".sh"];

/** Lines that may be longer, each with its reason. An entry that no longer excuses any line fails the second test. */
const exceptions: readonly { reason: string; excuses: (line: string, path: string) => boolean }[] = [
  {
    reason: "a regular expression is one token: no line break can be put into it",
    excuses: (line, path) => /^test\/.*\.ts$/.test(path) && /^\s*\/.+\/[a-z]*[,;]?$/.test(line),
  },
  {
    reason: "error messages and recipes compared whole: text of a template literal over several lines",
    excuses: (line, path) =>
      /^test\/(recipe\/messages|run\/damage|run\/hub-sources)\.test\.ts$|^test\/run\/small-recipe\.ts$/.test(path) &&
      /^(\s*(\.toBe\()?`?RecipeError: | {2}(What e|Evaluations of|Run the same|- \{ name: ))/.test(line),
  },
  {
    reason: "chat templates are data, and each of their lines is part of what a model is asked with",
    excuses: (line, path) => path === "test/tokenizer/make-chats.py" && /^\s*\{[{%]/.test(line),
  },
  {
    reason: "texts that are written into expected.json or into the files of a case, each one literal",
    excuses: (line, path) => path.startsWith("test/golden/field/make/") && line.includes('"'),
  },
];

const files = trackedFiles(endings);
const wide = files.flatMap((path) =>
  linesOf(path).flatMap((line, index) =>
    [...line].length > width ? [{ path, line, place: `${path}:${index + 1} has ${[...line].length}` }] : [],
  ),
);

test(`no line of a source file has more than ${width} characters`, () => {
  for (const folder of ["src/", "native/", "test/", "bench/"])
    expect(files.filter((path) => path.startsWith(folder)).length, folder).toBeGreaterThan(10);
  const offenders = wide.filter(({ line, path }) => !exceptions.some(({ excuses }) => excuses(line, path)));
  expect(offenders.map(({ place }) => place)).toEqual([]);
});

test("every exception excuses a line", () => {
  const idle = exceptions.filter(({ excuses }) => !wide.some(({ line, path }) => excuses(line, path)));
  expect(idle.map(({ reason }) => reason)).toEqual([]);
});
