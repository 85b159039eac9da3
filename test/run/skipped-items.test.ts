import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findTask } from "../../src/evaluate/harness/config/find-tasks.js";
import type { TaskScores } from "../../src/evaluate/output/scores.js";
import type { DataParameters } from "../../src/run/kinds/data.js";
import { recordCheck } from "../../src/run/kinds/load-task.js";
import { chosenRecords } from "../../src/run/kinds/task-records.js";
import { memoryFolder } from "../temporary-folder.js";
import { strata } from "./strata.js";

const good = (n: number) =>
  JSON.stringify({ question: `What is ${n} and ${n}?`, answer: `It is ${2 * n}.\n#### ${2 * n}` });
/** The second is cut off, the third has no answer, the fifth `true` in its place. */
const lines = [
  good(1),
  '{"question": "Wh',
  '{"question": "What?"}',
  good(2),
  '{"question": "Who?", "answer": true}',
  good(4),
];
const folder = memoryFolder();
const path = join(folder, "sums.jsonl");
writeFileSync(path, `${lines.join("\n")}\n`);

async function read(maxBadRecords: number, limit: number | null = null) {
  const data: DataParameters = {
    source: { files: [{ path, sha256: "" }] },
    text: { field: "question" },
    holdOut: { share: 0, seed: 1 },
    maxBadRecords,
    duplicates: "keep",
    limit: null,
    lossOn: "all",
  };
  const notes: string[] = [];
  const { items, skipped } = await chosenRecords(
    data,
    { name: "answers", split: "all", limit },
    recordCheck(findTask("gsm8k").config, data),
    (line) => void notes.push(line),
  );
  return {
    answers: items.map(({ record: { answer } }) => String(answer).split(" ").at(-1)),
    skipped,
    notes: notes.map((line) => line.replaceAll(folder, "FOLDER")),
  };
}

const messageOf = (maxBadRecords: number) =>
  read(maxBadRecords).then(
    () => "no error",
    (error: unknown) => String(error).replaceAll(folder, "FOLDER"),
  );

test("records that cannot be read and records that are no items are bad alike: maxBadRecords counts both", async () => {
  const { answers, skipped, notes } = await read(3);
  expect([answers, skipped]).toEqual([["2", "4", "8"], 3]);
  expect(notes).toEqual([
    "answers: 3 bad records skipped",
    expect.stringMatching(/^FOLDER\/sums\.jsonl:2 — expected /) as string,
    'FOLDER/sums.jsonl:3 answer — expected the field "answer", got only the field "question".',
    "FOLDER/sums.jsonl:5 answer — expected a string or a number, got true.",
  ]);
  expect(await read(2, 2)).toMatchObject({ answers: ["2", "4"], skipped: 2 });
  expect(await messageOf(2)).toBe(
    "CorpusError: FOLDER/sums.jsonl:5 answer — expected at most 2 bad records, got one more: " +
      "expected a string or a number, got true.\n  Correct the data, or raise `maxBadRecords`.",
  );
  expect(await messageOf(0)).toMatch(/^CorpusError: FOLDER\/sums\.jsonl:2 — expected /);
});

test("the report says how many records a task's scores leave out, of its data and of its examples", async () => {
  const recipe = join(folder, "small.yaml");
  writeFileSync(
    recipe,
    `
holdOut: 0
data:
  sums: { files: sums.jsonl, field: question, maxBadRecords: 3 }
tokenizer: { train: { data: sums, vocabSize: 280 } }
model: { random: { layers: 1, hiddenSize: 16, attentionHeads: 2 } }
training: { data: sums, sequenceLength: 8, batchSize: 1, amount: { steps: 2 } }
strategies: [vanilla]
baselines: [vanilla]
evaluateAt: []
evaluation:
  - { name: answers, task: gsm8k, data: sums, split: all, fewShot: 1, fewShotData: sums, maxTokens: 2 }
machine: { threads: 1, parallel: 1 }
`,
  );
  const runs = join(folder, "runs");
  const { code, out, err } = await strata(["run", recipe, "--runs", runs, "--json"]);
  expect([code, err]).toEqual([0, ""]);
  const { facts, report } = JSON.parse(out) as {
    facts: { strategies: { scores: TaskScores[] }[] };
    report: { markdown: string };
  };
  expect(facts.strategies.map(({ scores }) => scores.map(({ task, skipped }) => [task, skipped]))).toEqual([
    [["answers", 6]],
    [["answers", 6]],
  ]);
  expect(readFileSync(report.markdown, "utf8")).toContain(
    "answers: 6 bad records were skipped, as maxBadRecords allows.",
  );
});
