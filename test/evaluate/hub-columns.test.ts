import { join } from "node:path";
import { expect, test } from "vitest";
import { exactMatchItem, multipleChoiceItem } from "../../src/evaluate/task/items.js";
import type { DataRecord } from "../../src/evaluate/task/record.js";
import { datasetPresets } from "../../src/recipe/dataset-presets.js";
import { taskItems } from "../../src/run/kinds/task-items.js";
import { documentText } from "../../src/run/graph/data-jobs.js";
import { golden } from "./golden.js";

/** Reads a parquet file of the hub as a preset does. */
const read = async (preset: string, name: string) => {
  const file = join(import.meta.dirname, "hub-columns", `${name}.parquet`);
  const holdOut = { share: 0.02, seed: 1 };
  const use = { holdOut, maxBadRecords: 0, duplicates: "keep", limit: null, lossOn: "all" } as const;
  const data = {
    source: { files: [{ path: file, sha256: "" }] },
    text: documentText(datasetPresets[preset].text),
    ...use,
  };
  return (
    await taskItems(
      data,
      { name, split: "all", limit: null },
      (document) => document,
      () => {},
    )
  ).items;
};
const { datasets } = golden<{ datasets: Record<string, Record<string, DataRecord[]>> }>("end_to_end");

// items.test.ts compares the items of these records with the harness's requests.
test.each([
  ["ai2_arc", "arc", "test", multipleChoiceItem],
  ["hellaswag", "hellaswag", "validation", multipleChoiceItem],
  ["gsm8k", "gsm8k", "test", exactMatchItem],
] as const)(
  "the hub's parquet columns of %s are the records that the harness sees",
  async (preset, name, split, item) => {
    const documents = await read(preset, name);
    expect(documents.map(({ record }) => record)).toEqual(datasets[name][split]);
    expect(documents.map(({ record, where }) => item(record, where))).toEqual(
      datasets[name][split].map((record) => item(record, "golden")),
    );
  },
);

test("a preset's text is the prompt, with the answer where there is one", async () => {
  const [first] = await read("gsm8k", "gsm8k");
  const { question, answer } = datasets.gsm8k.test[0];
  expect(first.text).toBe(`Question: ${question as string}\nAnswer: ${answer as string}`);
  const [arc] = await read("ai2_arc", "arc");
  expect(arc.text).toBe(multipleChoiceItem(arc.record, "").context);
});
