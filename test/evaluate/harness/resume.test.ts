import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDevice } from "../../../src/device/open-device.js";
import { resolveTasks } from "../../../src/evaluate/harness/config/resolve-tasks.js";
import { findTaskFiles } from "../../../src/evaluate/harness/config/task-files.js";
import { evaluateModel } from "../../../src/evaluate/harness/evaluate-model.js";
import { prepareTask } from "../../../src/evaluate/harness/prompt/prepare-task.js";
import { openScoreJournal } from "../../../src/evaluate/output/score-journal.js";
import { openModelSession } from "../../../src/evaluate/request/model-session.js";
import { openModelFolder } from "../../../src/model/files/model-folder.js";
import { loadModel } from "../../../src/model/model.js";
import { fromJson } from "../../../src/text/jinja/from-json.js";
import type { Dict } from "../../../src/text/jinja/values/value.js";
import { openTokenizer } from "../../../src/tokenizer/tokenizer.js";
import { temporaryFolder } from "../../temporary-folder.js";

const folder = join(import.meta.dirname, "../../golden/gguf/untied");
const tokenizer = openTokenizer(folder);
const documents = 6;

async function tasks() {
  const records = Array.from({ length: documents }, (_, i) => ({
    question: `What is ${i}?`,
    answer: `#### ${i}`,
    choices: { text: ["one", "two"], label: ["A", "B"] },
    answerKey: "AB"[i % 2],
  }));
  const split = { documents: records.map((record) => fromJson(record) as Dict), places: records.map((_, i) => `${i}`) };
  const { tasks: configs } = resolveTasks(["arc_easy", "gsm8k"], findTaskFiles([]));
  const settings = { shots: 0, limit: null, systemInstruction: null, chat: null };
  return Promise.all(configs.map((one) => prepareTask(one, { scored: split, examples: async () => split }, settings)));
}

/** @param stopAfter  of the second task: the evaluation is interrupted after so many documents */
async function evaluate(journal: string, stopAfter = Infinity) {
  const stop = new AbortController();
  const model = loadModel(await openDevice("reference", 1, "f32"), openModelFolder(folder), null);
  const session = openModelSession(model, tokenizer.vocabSize, { signal: stop.signal, generationBatch: 1 });
  let asked = 0;
  const onProgress = (done: number, _: number, task: string) => {
    asked++;
    if (task === "gsm8k" && done >= stopAfter) stop.abort();
  };
  try {
    const asking = { session, tokenizer, prefix: [], maxLength: 64, maxRows: 40, onProgress };
    const outcomes = await evaluateModel(await tasks(), asking, () => openScoreJournal(journal));
    return { outcomes: outcomes.map((outcome) => ({ ...outcome, seconds: 0 })), asked };
  } finally {
    session.close();
    model.close();
  }
}

test("an interrupted evaluation continues from its journal, to the same samples", async () => {
  const files = temporaryFolder();
  const whole = await evaluate(join(files, "whole.jsonl"));
  const journal = join(files, "stopped.jsonl");
  await expect(evaluate(journal, 2)).rejects.toThrow(/interruption/);
  // A line that was being written when the process was killed.
  writeFileSync(journal, `${readFileSync(journal, "utf8")}{"task":"gsm8k","sec`);
  const lines = readFileSync(journal, "utf8").split("\n").length;
  expect(lines).toBeGreaterThan(3);
  const { outcomes } = await evaluate(journal);
  expect(outcomes).toEqual(whole.outcomes);
  expect(readFileSync(journal, "utf8").split("\n").length).toBeGreaterThan(lines);
});
