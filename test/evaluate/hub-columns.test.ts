import { join } from "node:path";
import { expect, test } from "vitest";
import { findTask } from "../../src/evaluate/harness/config/find-tasks.js";
import { writeTaskFile } from "../../src/evaluate/harness/config/task-file-json.js";
import type { PreparedTask } from "../../src/evaluate/harness/prompt/requests.js";
import type { FileTask } from "../../src/evaluate/task/kinds/file-task.js";
import type { DataRecord } from "../../src/evaluate/task/record.js";
import { datasetPresets } from "../../src/recipe/dataset-presets.js";
import { documentText } from "../../src/run/graph/data-jobs.js";
import type { DataParameters } from "../../src/run/kinds/data.js";
import { loadTask } from "../../src/run/kinds/load-task.js";
import { chosenDocuments } from "../../src/run/kinds/task-records.js";
import { repr } from "../../src/text/jinja/values/text.js";
import { bytes } from "./byte-tokenizer.js";
import { fileTask } from "./file-tasks.js";
import { recordedDatasets } from "./golden.js";

/** A parquet file of the hub as the data set of a preset. */
function dataOf(preset: string, name: string): DataParameters {
  return {
    source: { files: [{ path: join(import.meta.dirname, "hub-columns", `${name}.parquet`), sha256: "" }] },
    text: documentText(datasetPresets[preset].text),
    holdOut: { share: 0.02, seed: 1 },
    maxBadRecords: 0,
    duplicates: "keep",
    limit: null,
    lossOn: "all",
  };
}

/** What a run makes of a task over such a file. */
async function load(task: string, data: DataParameters): Promise<PreparedTask> {
  const taskFile = writeTaskFile(findTask(task).entry);
  const others = { split: "all", limit: null, fewShot: 0, fewShotData: null, maxTokens: null } as const;
  const loaded = await loadTask({ kind: "task", name: task, taskFile, data, ...others }, "", bytes, () => {});
  return (loaded.task as FileTask).prepared;
}

const shown = ({ documents }: PreparedTask) =>
  documents.map(({ doc, target, choices, gold, requests }) => ({
    doc: repr(doc),
    target: repr(target),
    choices,
    gold,
    requests: requests.map((request) => (request.kind === "generation" ? request.context : request)),
  }));

const datasets = recordedDatasets<DataRecord>();

// harness/end-to-end.test.ts compares what these records become with the harness's requests.
test.each([
  ["ai2_arc", "arc", "test", "arc_easy"],
  ["hellaswag", "hellaswag", "validation", "hellaswag"],
  ["gsm8k", "gsm8k", "test", "gsm8k"],
])(
  "a task over the hub's parquet file of %s is that over the records of the harness",
  async (preset, name, split, task) => {
    const data = dataOf(preset, name);
    const expected = await fileTask(task, findTask(task).config, datasets[name][split]);
    expect(shown(await load(task, data))).toEqual(shown(expected.prepared));
  },
);

test("a preset's text is the prompt, with the answer where there is one", async () => {
  const textOf = async (data: DataParameters) =>
    (await chosenDocuments(data, { name: "t", split: "all", limit: 1 }, () => {})).items[0].text;
  const gsm8k = dataOf("gsm8k", "gsm8k");
  const [problem] = (await load("gsm8k", gsm8k)).documents;
  const [request] = problem.requests;
  expect(await textOf(gsm8k)).toBe(`${request.kind === "generation" ? request.context : ""} ${String(problem.target)}`);
  const arc = dataOf("ai2_arc", "arc");
  const [question] = (await load("arc_easy", arc)).documents[0].requests;
  expect(await textOf(arc)).toBe(question.kind === "continuation" ? question.context : "");
});
