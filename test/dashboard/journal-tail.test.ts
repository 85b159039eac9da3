import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { stepOf } from "../../src/dashboard/state/journal-line.js";
import { followJournal } from "../../src/dashboard/state/journal-tail.js";
import { temporaryFolder } from "../temporary-folder.js";

const line = (step: number, loss: number, seconds = step) =>
  `${JSON.stringify({ step, loss, learningRate: 0.1, gradientNorm: 1, tokens: 10 * step, seconds, crc32: "0" })}\n`;
const losses = (tail: ReturnType<typeof followJournal>) => tail.losses.buckets().map(({ mean }) => mean);

test("the loss of a line is the number that JSON has", () => {
  const check = (loss: number) => {
    const bytes = Buffer.from(line(7, loss));
    expect(stepOf(bytes, 0, bytes.length - 1)).toEqual({ step: 7, loss });
  };
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (loss) => check(loss === 0 ? 0 : loss)),
    {
      seed: 1,
      numRuns: 2000,
    },
  );
  fc.assert(
    fc.property(fc.double({ min: 0, max: 20, noNaN: true }), (loss) => check(loss === 0 ? 0 : loss)),
    {
      seed: 2,
      numRuns: 5000,
    },
  );
  for (const loss of [5, 0.1, 1e-7, 2 ** 60, 1e300]) check(loss);
});

test("lines that are no steps are null, whatever is around them", () => {
  for (const text of ["", "{}", '{"step":0,"loss":1,"x":1}', '{"step":1', "null", '{"step":"1","loss":1,"x":1}']) {
    const bytes = Buffer.from(`${line(1, 2)}${text}\n${line(2, 3)}`);
    const start = line(1, 2).length;
    expect(stepOf(bytes, start, start + text.length), text).toBe(null);
  }
  const other = Buffer.from(`${JSON.stringify({ loss: 4, step: 3 })}\n`);
  expect(stepOf(other, 0, other.length - 1)).toMatchObject({ step: 3, loss: 4 });
});

test("a journal is followed through lines that are not complete, and read again after it was replaced", () => {
  const path = join(temporaryFolder(), "journal.jsonl");
  const tail = followJournal(path);
  const buffer = Buffer.alloc(300);
  const readAll = () => {
    while (tail.read(buffer) > 0);
  };
  readAll();
  expect(tail.last).toBe(null);
  writeFileSync(path, line(1, 5) + line(2, 4) + line(3, 3).slice(0, 20));
  readAll();
  expect(losses(tail)).toEqual([5, 4]);
  appendFileSync(path, line(3, 3).slice(20) + line(4, 2, 14));
  readAll();
  expect([losses(tail), tail.last?.step, tail.tokensPerSecond]).toEqual([[5, 4, 3, 2], 4, 20 / 12]);
  writeFileSync(`${path}.new`, line(1, 5) + line(2, 4.5));
  renameSync(`${path}.new`, path);
  readAll();
  expect([losses(tail), tail.last?.step]).toEqual([[5, 4.5], 2]);
  appendFileSync(path, `${"x".repeat(1000)}\n${line(3, 1)}`);
  readAll();
  expect(losses(tail)).toEqual([5, 4.5, 1]);
  expect(tail.damaged).toBeGreaterThan(0);
});
