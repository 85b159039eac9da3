import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { importLlama2cVocabulary } from "../../src/convert/llama2c/import-vocabulary.js";
import { openTokenizer } from "../../src/tokenizer/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";

function vocabularyFile(pieces: readonly (readonly [text: string, score: number])[]): Buffer {
  const parts = pieces.map(([text, score]) => {
    const head = Buffer.alloc(8);
    head.writeFloatLE(score, 0);
    head.writeInt32LE(Buffer.byteLength(text), 4);
    return Buffer.concat([head, Buffer.from(text)]);
  });
  return Buffer.concat([Buffer.alloc(4), ...parts]);
}

const bytePieces = Array.from(
  { length: 256 },
  (_, i) => [`<0x${i.toString(16).toUpperCase().padStart(2, "0")}>`, 0] as const,
);
const file = vocabularyFile([
  ["<unk>", 0],
  ["\n<s>\n", 0],
  ["\n</s>\n", 0],
  ...bytePieces,
  [" ", -100],
  ["a", -101],
  ["b", -102],
  ["ab", -2],
  [" ab", -1],
  [" a", 0],
]);
const [space, a, spaceAb, spaceA] = [259, 260, 263, 264];

test("pieces merge by score, unknown characters fall back to bytes, and decoding inverts encoding", () => {
  const folder = temporaryFolder();
  const path = join(folder, "tok.bin");
  writeFileSync(path, file);
  importLlama2cVocabulary(path, folder);
  const tokenizer = openTokenizer(folder);
  expect(tokenizer).toMatchObject({ vocabSize: 265, bosId: 1, eosIds: [2] });
  expect(tokenizer.encode("ab a")).toEqual([spaceAb, spaceA]);
  expect(tokenizer.encode("xa", { addSpecialTokens: true })).toEqual([1, space, 3 + "x".charCodeAt(0), a]);
  for (const text of ["ab a", "xa", " b  a\n", "ü"]) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
});

test("a truncated vocabulary is rejected", () => {
  const folder = temporaryFolder();
  const path = join(folder, "tok.bin");
  writeFileSync(path, file.subarray(0, 105));
  expect(() => importLlama2cVocabulary(path, folder)).toThrow(
    `${path} — expected a complete llama2.c vocabulary, got an incomplete piece at byte 100.\n` +
      "  Check that this is a llama2.c vocabulary and that it was copied completely.",
  );
});
