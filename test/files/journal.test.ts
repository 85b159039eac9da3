import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appendJournal, readJournal, rewriteJournal, streamJournal } from "../../src/files/journal.js";
import { temporaryFolder } from "../temporary-folder.js";

test("a journal returns the appended entries, and none without a file", () => {
  const path = join(temporaryFolder(), "journal.jsonl");
  expect(readJournal(path)).toEqual([]);
  appendJournal(path, { step: 1 });
  appendJournal(path, { step: 2 });
  expect(readJournal(path)).toEqual([{ step: 1 }, { step: 2 }]);
});

test.each(['{"step": 2', '{"step": 2}', "\0\0\0\0\n"])("a last line truncated to %j is dropped", (cut) => {
  const path = join(temporaryFolder(), "journal.jsonl");
  appendJournal(path, { step: 1 });
  appendFileSync(path, cut);
  const entries = readJournal(path);
  expect(entries).toEqual([{ step: 1 }]);
  rewriteJournal(path, entries);
  appendJournal(path, { step: 3 });
  expect(readFileSync(path, "utf8")).toBe('{"step":1}\n{"step":3}\n');
});

test("lines after a malformed line are dropped", () => {
  const path = join(temporaryFolder(), "journal.jsonl");
  appendFileSync(path, '{"step":1}\nbroken\n{"step":3}\n');
  expect(readJournal(path)).toEqual([{ step: 1 }]);
});

test("replacer and reviver store values that plain JSON cannot represent", () => {
  const path = join(temporaryFolder(), "journal.jsonl");
  const form = {
    replacer: (_: string, value: unknown) => (value === Infinity ? "∞" : value),
    reviver: (_: string, value: unknown) => (value === "∞" ? Infinity : value),
  };
  appendJournal(path, [1, Infinity], form);
  expect(readJournal(path, form)).toEqual([[1, Infinity]]);
});

test("lines of any length are read, also where a character is at the border of two reads", () => {
  const path = join(temporaryFolder(), "journal.jsonl");
  const entries = [1, 262_140, 7, 1_000_001, 0].map((length, i) => ({
    text: `${"x".repeat(i % 2)}${"é".repeat(length)}`,
  }));
  rewriteJournal(path, entries);
  expect(readJournal(path)).toEqual(entries);
  const stream = streamJournal(path);
  expect(stream.next().value).toEqual(entries[0]);
  expect(stream.return(undefined).done).toBe(true);
});
