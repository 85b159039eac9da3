import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitText } from "../../src/tokenizer/encode/split.js";
import { compilePattern, llama3Pattern, qwenPattern } from "../../src/tokenizer/format/split-pattern.js";
import { IdList } from "../../src/tokenizer/encode/id-list.js";
import { createPreTokenCache } from "../../src/tokenizer/encode/pre-token-cache.js";
import { createWordScanner } from "../../src/tokenizer/encode/scan-words.js";

const kinds = [
  ["Llama 3", llama3Pattern, 3],
  ["Qwen", qwenPattern, 1],
] as const;

describe.each(kinds)("the word scanner of %s", (_, pattern, digits) => {
  const splits = [{ pattern: compilePattern(pattern, "pattern"), behavior: "Isolated", invert: false }] as const;
  const scan = createWordScanner(digits);
  const scanAll = (text: string): string[] => {
    const pieces: string[] = [];
    for (let start = 0, end = 0; start < text.length; start = end)
      pieces.push(text.slice(start, (end = scan(text, start))));
    return pieces;
  };
  test("gives the pre-tokens of the regular expression for text of all character classes", () => {
    const units = [
      "a",
      "Z",
      "é",
      "ſ",
      "\u212a",
      "字",
      "𐐀",
      "𠀀",
      "1",
      "٣",
      "Ⅷ",
      "𝟘",
      "'",
      "'",
      "’",
      ".",
      "!",
      "_",
      "-",
      "😀",
      "\u0301",
      "\u200d",
      "\0",
      " ",
      " ",
      "\t",
      "\u00a0",
      "\u0085",
      "\u2028",
      "\n",
      "\r",
      "\ud800",
      "\udc00",
      "s",
      "T",
      "re",
      "VE",
      "ll",
      "L",
      "m",
      "D",
      "\ufeff",
    ];
    const texts = fc.array(fc.constantFrom(...units), { maxLength: 30 }).map((parts) => parts.join(""));
    const same = fc.property(texts, (text) => scanAll(text).join("|") === splitText(text, splits).join("|"));
    fc.assert(same, { seed: 3, numRuns: 5_000 });
  });
  test("gives the same pre-tokens for every character of the planes in use, in several contexts", () => {
    for (let from = 0; from < 0x40000; from += 0x400) {
      const characters = Array.from({ length: 0x400 }, (__, i) => String.fromCodePoint(from + i));
      const text = characters.map((character) => `a${character} ${character}'${character}1${character}\n`).join("");
      expect(scanAll(text).join("|")).toBe(splitText(text, splits).join("|"));
    }
  });
});

test("a pre-token cache returns what was added, also after it was emptied", () => {
  const cache = createPreTokenCache();
  const get = (text: string): number[] | null => {
    const ids = new IdList();
    const entry = cache.find(text, 0, text.length);
    if (entry < 0) return null;
    cache.append(entry, ids);
    return Array.from(ids.slice());
  };
  let [forgotten, wrong] = [0, 0];
  const is = (ids: number[] | null, i: number): boolean => ids?.length === 2 && ids[0] === i && ids[1] === i + 1;
  for (let i = 0; i < 200_000; i++) {
    const text = `piece${i}`;
    if (get(text) !== null) wrong++;
    cache.add(`<${text}>`, 1, 1 + text.length, Int32Array.of(i, i + 1));
    if (!is(get(text), i)) wrong++;
    const before = get(`piece${i - 1}`);
    if (before === null) forgotten++;
    else if (!is(before, i - 1)) wrong++;
  }
  expect(wrong).toBe(0);
  // The first lookup of a predecessor always fails.
  expect(forgotten).toBeGreaterThan(1);
  expect(forgotten).toBeLessThan(10);
});
