import { expect, test } from "vitest";
import { cutInMiddle, cutToWidth, displayWidth } from "../../src/text/display-width.js";

const widths: Readonly<Record<string, number>> = {
  "train layers 0-2": 16,
  é: 1,
  "e\u0301": 1,
  表字: 4,
  한국: 4,
  "\u1112\u1161\u11ab": 2,
  ｱ: 1,
  Ａ: 2,
  "👩‍💻": 2,
  "🇫🇷": 2,
  "❤️": 2,
  "👍🏽": 2,
  "…✓█–": 4,
  "\u200b": 0,
  "": 0,
};

for (const [text, width] of Object.entries(widths)) {
  test(`${JSON.stringify(text)} needs ${width} columns`, () => expect(displayWidth(text)).toBe(width));
}

test("a cut text has its beginning and an ellipsis, and never half a character", () => {
  expect(cutToWidth("train layers", 12)).toBe("train layers");
  expect(cutToWidth("train layers", 11)).toBe("train laye…");
  expect(cutToWidth("表字表字", 8)).toBe("表字表字");
  expect(cutToWidth("表字表字", 6)).toBe("表字…");
  expect(cutToWidth("表字表字", 5, "...")).toBe("表...");
  expect(cutToWidth("e\u0301e\u0301e\u0301", 2)).toBe("e\u0301…");
  expect(cutToWidth("text", 2, "...")).toBe("te");
  expect(cutToWidth("text", 0)).toBe("");
});

test("a text that is cut in the middle keeps its beginning and its end", () => {
  expect(cutInMiddle("train layers 0-2 on shard 2", 22)).toBe("train layer…on shard 2");
  expect(cutInMiddle("表字表字", 7)).toBe("表字…字");
  expect(cutInMiddle("表字表字", 6)).toBe("表…字");
  expect(cutInMiddle("text", 4)).toBe("text");
  expect(cutInMiddle("text", 2)).toBe("t…");
  expect(cutInMiddle("text", 0)).toBe("");
});
