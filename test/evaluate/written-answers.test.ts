import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { StrataError } from "../../src/errors/strata-error.js";
import { findTask } from "../../src/evaluate/harness/config/find-tasks.js";
import { writeTaskFile } from "../../src/evaluate/harness/config/task-file-json.js";
import { hubFormOf } from "../../src/evaluate/harness/data/hub-columns/hub-forms.js";
import { readDocuments } from "../../src/evaluate/harness/data/read-documents.js";
import { prepareTask } from "../../src/evaluate/harness/prompt/prepare-task.js";
import type { PreparedDocument } from "../../src/evaluate/harness/prompt/requests.js";
import type { FileTask } from "../../src/evaluate/task/kinds/file-task.js";
import { loadTask } from "../../src/run/kinds/load-task.js";
import { toText } from "../../src/text/jinja/values/text.js";
import { temporaryFolder } from "../temporary-folder.js";
import { bytes } from "./byte-tokenizer.js";

interface Case {
  readonly task: "gsm8k" | "arc" | "choices" | "hellaswag";
  readonly record: string;
  /** What the harness reads; absent if it fails. */
  readonly harness?: unknown;
}

const path = join(import.meta.dirname, "written-answers.json");
const cases = JSON.parse(readFileSync(path, "utf8")) as readonly Case[];
const taskNames = { gsm8k: "gsm8k", arc: "arc_easy", choices: "arc_easy", hellaswag: "hellaswag" };
const folder = temporaryFolder();

/** What an evaluation reads; undefined if it refuses the record. */
async function read({ task, record }: Case, load: (task: string, file: string) => Promise<PreparedDocument>) {
  const file = join(folder, "records.jsonl");
  writeFileSync(file, `${record}\n`);
  try {
    const { target, gold, requests } = await load(taskNames[task], file);
    if (task === "gsm8k") return toText(target);
    if (task !== "choices") return gold?.[0];
    return requests.map((request) => (request.kind === "continuation" ? request.continuation : ""));
  } catch (error) {
    expect(error).toBeInstanceOf(StrataError);
    return undefined;
  }
}

/** As `strata eval` reads a file. */
async function byEval(task: string, file: string): Promise<PreparedDocument> {
  const { config } = findTask(task);
  const documents = await readDocuments([file], hubFormOf(config.datasetPath, config.datasetName));
  const settings = { shots: 0, limit: null, systemInstruction: null, chat: null };
  return (await prepareTask(config, { scored: documents, examples: async () => documents }, settings)).documents[0];
}

/** As a run reads a data set of its recipe. */
async function byRun(task: string, file: string): Promise<PreparedDocument> {
  const data = {
    source: { files: [{ path: file, sha256: "" }] },
    text: { field: "question" },
    holdOut: { share: 0, seed: 1 },
    ...({ maxBadRecords: 0, duplicates: "keep", limit: null, lossOn: "all" } as const),
  };
  const taskFile = writeTaskFile(findTask(task).entry);
  const others = { split: "all", limit: null, fewShot: 0, fewShotData: null, maxTokens: null } as const;
  const loaded = await loadTask({ kind: "task", name: task, taskFile, data, ...others }, "", bytes, () => {});
  return (loaded.task as FileTask).prepared.documents[0];
}

const found = await (async () => {
  const all: { one: Case; value: unknown; inRun: unknown }[] = [];
  for (const one of cases) all.push({ one, value: await read(one, byEval), inRun: await read(one, byRun) });
  return all;
})();

test("a run reads what `strata eval` reads", () => {
  expect(found.map(({ inRun }) => inRun)).toEqual(found.map(({ value }) => value));
});

test("what Strata reads is what the harness reads", () => {
  const others = found.filter(({ one, value }) => "harness" in one && value !== undefined);
  expect(others.map(({ value }) => value)).toEqual(others.map(({ one }) => one.harness));
  expect(others.length).toBeGreaterThan(18);
});

test("what only Strata reads are keys and labels of which one is a number and the other a text", () => {
  const only = found.filter(({ one, value }) => !("harness" in one) && value !== undefined);
  expect(only.map(({ one: { record } }) => record.slice(record.indexOf('"label"')))).toEqual([
    '"label": ["1", "2"]}, "answerKey": 2}',
    '"label": [1, 2]}, "answerKey": "2"}',
  ]);
});

test("what only the harness reads is printed by Python, never correct, or not one label per choice", () => {
  const refused = found.filter(({ one, value }) => "harness" in one && value === undefined);
  expect(refused.map(({ one: { task, harness } }) => [task, harness])).toEqual([
    ["gsm8k", ""],
    ["gsm8k", "True"],
    ["gsm8k", "None"],
    ["gsm8k", "[1, 2]"],
    ["gsm8k", "{'value': 1}"],
    ["arc", 1],
    ["arc", 0],
    ["choices", [" None", " b"]],
    // " 1" and true: int() reads them, but the task compares the printed label.
    ["hellaswag", 1],
    ["hellaswag", 1],
    ["hellaswag", 2],
    ["hellaswag", -1],
  ]);
});
