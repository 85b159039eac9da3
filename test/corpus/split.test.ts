import { expect, test } from "vitest";
import { hashDocument, isHeldOut as isHeldOutHash, splitOf } from "../../src/corpus/documents/split.js";

const isHeldOut = (text: string, share: number, seed: number) => isHeldOutHash(hashDocument(text, seed), share);

const texts = Array.from({ length: 4000 }, (_, i) => `document ${i % 2000}`);

test("no text is on both sides, though each occurs twice", () => {
  const heldOut = new Set(texts.filter((text) => isHeldOut(text, 0.1, 7)));
  const training = new Set(texts.filter((text) => !isHeldOut(text, 0.1, 7)));
  expect([...heldOut].filter((text) => training.has(text))).toEqual([]);
  expect(heldOut.size + training.size).toBe(2000);
  // 2000 · 0.1 = 200, five standard deviations are 67.
  expect(Math.abs(heldOut.size - 200)).toBeLessThan(67);
});

test("another seed holds out other texts, a larger share a superset", () => {
  const chosen = (fraction: number, seed: number) => texts.filter((text) => isHeldOut(text, fraction, seed));
  expect(chosen(0.1, 8)).not.toEqual(chosen(0.1, 7));
  const larger = new Set(chosen(0.2, 7));
  expect(chosen(0.1, 7).every((text) => larger.has(text))).toBe(true);
});

test("shares 0 and 1 are none and all", () => {
  expect(texts.some((text) => isHeldOut(text, 0, 1))).toBe(false);
  expect(texts.every((text) => isHeldOut(text, 1, 1))).toBe(true);
});

test("documents for searches of λ come after those for validation, which stay the same", () => {
  const split = (text: string, search?: number) => splitOf(hashDocument(text, 7), { share: 0.1, search, seed: 7 });
  for (const text of texts) {
    expect(split(text, 0.05) === "validation").toBe(isHeldOut(text, 0.1, 7));
    expect(split(text, 0.05) === "training").toBe(!isHeldOut(text, 0.15, 7));
    expect(split(text)).toBe(isHeldOut(text, 0.1, 7) ? "validation" : "training");
  }
  // 2000 · 0.05 = 100, five standard deviations are 49.
  const found = new Set(texts.filter((text) => split(text, 0.05) === "search"));
  expect(Math.abs(found.size - 100)).toBeLessThan(49);
});
