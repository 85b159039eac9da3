import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { pythonRegExp } from "../../src/text/python-regex.js";

interface Golden {
  readonly pattern: string;
  readonly results: readonly {
    readonly text: string;
    readonly found: readonly (string | readonly string[])[];
    readonly removed: string;
  }[];
}

const golden = JSON.parse(readFileSync(new URL("../golden/python-regex.json", import.meta.url), "utf8")) as Golden[];

/** As `re.findall`: matches, or their groups. */
function findAll(pattern: RegExp, text: string): (string | string[])[] {
  return [...text.matchAll(pattern)].map((match) => {
    const groups = match.slice(1).map((group) => group ?? "");
    if (groups.length === 0) return match[0];
    return groups.length === 1 ? groups[0] : groups;
  });
}

describe("patterns of Python find what Python finds", () => {
  test.each(golden)("$pattern", ({ pattern, results }) => {
    const expression = pythonRegExp(pattern, "g");
    for (const { text, found, removed } of results) {
      expect(findAll(expression, text), JSON.stringify(text)).toEqual(found);
      expect(text.replace(expression, ""), JSON.stringify(text)).toBe(removed);
    }
  });
});

test("what JavaScript does not have is refused", () => {
  expect(() => pythonRegExp("(?x) a b")).toThrow(/\(\?x\)/);
  expect(() => pythonRegExp("(")).toThrow(SyntaxError);
});
