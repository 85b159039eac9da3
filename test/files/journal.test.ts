import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { appendJournal, readJournal, rewriteJournal, type DamagedLine } from "../../src/files/journal.js";
import { readJsonLines } from "../../src/files/json-lines.js";
import { temporaryFolder } from "../temporary-folder.js";

test("a journal returns the appended entries, and none without a file", () => {
  const path = join(temporaryFolder(), "journal.jsonl");
  expect(readJournal(path)).toEqual([]);
  appendJournal(path, { step: 1 });
  appendJournal(path, { step: 2 });
  expect(readJournal(path)).toEqual([{ step: 1 }, { step: 2 }]);
});

/** The entries of a journal, and what it says of a damaged line. */
function read(path: string): { entries: object[]; damages: DamagedLine[] } {
  const damages: DamagedLine[] = [];
  return { entries: readJournal(path, {}, (damage) => damages.push(damage)), damages };
}

test.each(['{"step": 2', '{"step": 2}', "\0\0\0"])("a last line truncated to %j is dropped", (cut) => {
  const path = join(temporaryFolder(), "journal.jsonl");
  appendJournal(path, { step: 1 });
  appendFileSync(path, cut);
  const entries = readJournal(path);
  expect(entries).toEqual([{ step: 1 }]);
  rewriteJournal(path, entries);
  appendJournal(path, { step: 3 });
  expect(readFileSync(path, "utf8")).toBe('{"step":1,"crc32":"1119ad91"}\n{"step":3,"crc32":"232fcf13"}\n');
});

test("a line's checksum is the CRC-32 of its text without this member", () => {
  const path = join(temporaryFolder(), "journal.jsonl");
  appendJournal(path, { text: "é" });
  appendJournal(path, {});
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  expect(lines).toEqual([
    `{"text":"é","crc32":"${crc32('{"text":"é"}').toString(16).padStart(8, "0")}"}`,
    `{"crc32":"${crc32("{}").toString(16).padStart(8, "0")}"}`,
  ]);
  expect(readJournal(path)).toEqual([{ text: "é" }, {}]);
});

test.each([
  ["broken", "a line that ends with its crc32", '"broken"'],
  ['{"step":2}', "a line that ends with its crc32", '"{\\"step\\":2}"'],
  ["\0\0\0\0", "a line that ends with its crc32", '"\\u0000\\u0000\\u0000\\u0000"'],
  ['{"step":2,"crc32":"00000000"}', "checksum 00000000, as written", "3a34fe52"],
])("a complete line %j is damaged: it and what follows are dropped, and it is named", (line, expected, got) => {
  const path = join(temporaryFolder(), "journal.jsonl");
  appendJournal(path, { step: 1 });
  appendFileSync(path, `${line}\n`);
  appendJournal(path, { step: 3 });
  const damage = { where: `${path}:2`, expected, got };
  expect(read(path)).toEqual({ entries: [{ step: 1 }], damages: [damage] });
  expect(() => readJournal(path)).toThrow(
    `${path}:2 — expected ${expected}, got ${got}.\n  The file was damaged after it was written: copy it again, ` +
      "or remove it and run again.",
  );
});

test("a flipped bit anywhere in a journal is found, and the lines before it are kept", () => {
  const path = join(temporaryFolder(), "journal.jsonl");
  const all = [1, 2, 3].map((step) => ({ step, loss: 2.25 / step, text: "é" }));
  rewriteJournal(path, all);
  const whole = readFileSync(path);
  for (let bit = 0; bit < 8 * whole.length; bit++) {
    const bytes = Buffer.from(whole);
    bytes[bit >> 3] ^= 1 << (bit & 7);
    writeFileSync(path, bytes);
    const { entries, damages } = read(path);
    const before = whole.subarray(0, bit >> 3).filter((byte) => byte === 10).length;
    expect(entries, `bit ${bit}`).toEqual(all.slice(0, before));
    // Without its line break, the last line is one that a crash cut short.
    const isLastBreak = bit >> 3 === whole.length - 1;
    expect(damages.map(({ where }) => where)).toEqual(isLastBreak ? [] : [`${path}:${before + 1}`]);
  }
});

test("replacer and reviver store values that plain JSON cannot represent", () => {
  const path = join(temporaryFolder(), "journal.jsonl");
  const form = {
    replacer: (_: string, value: unknown) => (value === Infinity ? "∞" : value),
    reviver: (_: string, value: unknown) => (value === "∞" ? Infinity : value),
  };
  appendJournal(path, { values: [1, Infinity] }, form);
  expect(readJournal(path, form)).toEqual([{ values: [1, Infinity] }]);
});

test("lines of any length are read, also where a character is at the border of two reads", () => {
  const path = join(temporaryFolder(), "journal.jsonl");
  const entries = [1, 262_140, 7, 1_000_001, 0].map((length, i) => ({
    text: `${"x".repeat(i % 2)}${"é".repeat(length)}`,
  }));
  rewriteJournal(path, entries);
  expect(readJournal(path)).toEqual(entries);
  const plain = entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
  writeFileSync(path, plain);
  const stream = readJsonLines(path);
  expect(stream.next().value).toEqual(entries[0]);
  expect([...stream]).toEqual(entries.slice(1));
});
