import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { openTaskData, type TaskDataSource } from "../../../src/evaluate/harness/data/task-data.js";
import { repr } from "../../../src/text/jinja/values/text.js";
import { temporaryFolder } from "../../temporary-folder.js";

const top = temporaryFolder();
let made = 0;

/** A new folder with these files, each a list of records or the file's content. */
function folderWith(files: Readonly<Record<string, readonly unknown[] | string | Buffer>>): string {
  const folder = join(top, String(made++));
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    const isContent = typeof content === "string" || Buffer.isBuffer(content);
    writeFileSync(join(folder, name), isContent ? content : content.map((one) => `${JSON.stringify(one)}\n`).join(""));
  }
  return folder;
}

const none = { task: "t", datasetPath: "a/b", datasetName: null, datasetKwargs: null, path: null, hub: null };

async function read(source: Partial<TaskDataSource>, split = "test", use: "scored" | "examples" = "scored") {
  return repr([...(await openTaskData({ ...none, ...source }).read(split, use)).documents]);
}

/** Reads records of a data set of the hub from a file. */
const readAs = (datasetPath: string, records: readonly unknown[], datasetName: string | null = null) =>
  read({ datasetPath, datasetName, path: join(folderWith({ "file.jsonl": records }), "file.jsonl") });

test("a folder has a file per split, in any format", async () => {
  const path = folderWith({
    "train.jsonl": [{ a: 1 }],
    "validation.json": '[{"a": 2.0}]',
    "test.csv": "a\n3\n",
    "dev.jsonl.gz": gzipSync('{"a":"4"}'),
    "notes.jsonl": "not read",
  });
  expect(await read({ path }, "train", "examples")).toBe("[{'a': 1}]");
  expect(await read({ path }, "validation")).toBe("[{'a': 2.0}]");
  expect(await read({ path }, "test")).toBe("[{'a': 3}]");
  expect(await read({ path }, "dev")).toBe("[{'a': '4'}]");
  await expect(read({ path }, "other")).rejects.toThrow(
    /the split "other".*other.jsonl, got only dev, test, train, val/,
  );
  await expect(read({ path: folderWith({}) })).rejects.toThrow(/got no data files/);
});

test("a folder may be a copy of the hub's repository", async () => {
  const path = folderWith({
    "README.md": "",
    "ARC-Easy/test-00000-of-00001.jsonl": [{ a: 1 }],
    "ARC-Challenge/test-00000-of-00002.jsonl": [{ a: 2 }],
    "ARC-Challenge/test-00001-of-00002.jsonl": [{ a: 3 }],
  });
  expect(await read({ path, datasetName: "ARC-Challenge" })).toBe("[{'a': 2}, {'a': 3}]");
  expect(await read({ datasetPath: path, datasetName: "ARC-Easy" })).toBe("[{'a': 1}]");
});

test("a single file is the split that is scored, and has no examples", async () => {
  const path = join(folderWith({ "questions.jsonl": [{ a: 1 }] }), "questions.jsonl");
  expect(await read({ path }, "validation")).toBe("[{'a': 1}]");
  await expect(read({ path }, "train", "examples")).rejects.toThrow(
    /^task t — expected a split "train" .* got the single/,
  );
  const missing = join(dirname(path), "question.jsonl");
  expect(() => openTaskData({ ...none, path: missing })).toThrow(/Did you mean "questions.jsonl"/);
});

test("data_files of a task file: a path, a list, or paths by split", async () => {
  const folder = folderWith({ "a.jsonl": [{ a: 1 }], "b.jsonl": [{ b: 2 }] });
  const [a, b] = ["a.jsonl", "b.jsonl"].map((name) => join(folder, name));
  const files = (data_files: unknown, split: string) =>
    read({ datasetPath: "json", datasetKwargs: { data_files } }, split, "examples");
  expect(await files(a, "train")).toBe("[{'a': 1}]");
  expect(await files([b, a], "train")).toBe("[{'b': 2, 'a': None}, {'b': None, 'a': 1}]");
  expect(await files(join(folder, "*.jsonl"), "train")).toBe("[{'a': 1, 'b': None}, {'a': None, 'b': 2}]");
  expect(await files({ test: a, extra: [b] }, "extra")).toBe("[{'a': None, 'b': 2}]");
  await expect(files(a, "test")).rejects.toThrow(/task t data_files — expected the split "test".*got only train/);
  for (const wrong of [undefined, "", [1], {}, "https://example.com/a.jsonl"])
    await expect(async () => files(wrong, "train")).rejects.toThrow(
      /task t dataset_kwargs — expected data_files: a local/,
    );
  await expect(async () => read({ datasetPath: "json", datasetKwargs: { data_files: a, field: "x" } })).rejects.toThrow(
    /got also field/,
  );
});

test("splits of JSON files have the columns and types of the first one", async () => {
  const folder = folderWith({ "a.jsonl": [{ x: 1.5, y: "q" }], "b.jsonl": [{ z: null, x: 1 }] });
  const [train, test] = ["a.jsonl", "b.jsonl"].map((name) => join(folder, name));
  const inOrder = (data_files: unknown) => read({ datasetPath: "json", datasetKwargs: { data_files } }, "test");
  expect(await inOrder({ train, test })).toBe("[{'x': 1.0, 'y': None, 'z': None}]");
  expect(await inOrder({ test, train })).toBe("[{'z': None, 'x': 1}]");
});

test("ARC's nested question gets the hub's columns", async () => {
  const choices = [
    { text: "yes", label: "1" },
    { text: "no", label: 2 },
  ];
  const hub =
    "{'id': 'q', 'question': 'Is it?', 'choices': {'text': ['yes', 'no'], 'label': ['1', '2']}, 'answerKey': '2'}";
  const authors = { id: "q", question: { stem: "Is it?", choices }, answerKey: 2, topic: "x" };
  expect(await readAs("allenai/ai2_arc", [authors])).toBe(`[${hub}]`);
  expect(await readAs("allenai/ai2_arc", [JSON.parse(hub.replaceAll("'", '"'))])).toBe(`[${hub}]`);
  const openbook = hub.replace("'question'", "'question_stem'");
  expect(await readAs("allenai/openbookqa", [authors])).toBe(`[${openbook}]`);
  const other = { ...authors, answerKey: "C" };
  await expect(readAs("allenai/ai2_arc", [authors, other])).rejects.toThrow(
    /file.jsonl:2 answerKey — expected one of the labels 1, 2, got "C"/,
  );
  await expect(readAs("allenai/ai2_arc", [{ question: "q" }])).rejects.toThrow(
    /file.jsonl:1 choices .*got only the field "question"/,
  );
});

test("HellaSwag's whole-number label becomes the hub's text, in the hub's order of columns", async () => {
  const endings = ["x", "y"];
  const authors = { ind: 1, activity_label: "A", ctx_a: "b", ctx_b: "c", ctx: "b c", split: "val", label: 1, endings };
  expect(await readAs("Rowan/hellaswag", [authors])).toBe(
    "[{'ind': 1, 'activity_label': 'A', 'ctx_a': 'b', 'ctx_b': 'c', 'ctx': 'b c', 'endings': ['x', 'y'], " +
      "'split': 'val', 'label': '1'}]",
  );
  const clean = { ind: 1, query: "A: b", label: 0, endings };
  expect(await readAs("hellaswag", [clean])).toBe("[{'ind': 1, 'query': 'A: b', 'label': '0', 'endings': ['x', 'y']}]");
  await expect(readAs("hellaswag", [{ ...authors, label: "" }])).rejects.toThrow(
    /label .*got "".*\n.*validation split/,
  );
  await expect(readAs("hellaswag", [clean, { ...clean, label: 2 }])).rejects.toThrow(/:2 label — expected the index/);
  await expect(readAs("hellaswag", [{ endings, label: 0 }])).rejects.toThrow(
    /activity_label.*got the fields "endings", "label"/,
  );
  await expect(readAs("hellaswag", [{ ...authors, endings: [] }])).rejects.toThrow(
    /:1 endings — expected a list of at/,
  );
});

test("true and false of BoolQ become labels", async () => {
  const hub = "[{'question': 'q', 'passage': 'p', 'label': 1}]";
  expect(await readAs("aps/super_glue", [{ question: "q", title: "t", answer: true, passage: "p" }], "boolq")).toBe(
    hub,
  );
  expect(await readAs("aps/super_glue", [{ passage: "p", question: "q", label: true }], "boolq")).toBe(hub);
  await expect(readAs("aps/super_glue", [{ passage: "p", question: "q", label: -1 }], "boolq")).rejects.toThrow(
    /:1 label — expected the index of one of 2 choices/,
  );
  expect(await readAs("aps/super_glue", [{ premise: "p" }], "cb")).toBe("[{'premise': 'p'}]");
});

test.each([
  ["openai/gsm8k", { question: "q", answer: " " }, /:1 answer — expected a reference answer, got " "/],
  [
    "openai/gsm8k",
    { question: "q", answr: "a" },
    /:1 answer — .*got the fields "question", "answr".\n.*Did you mean "answr"/,
  ],
  ["baber/piqa", { goal: "g", sol1: "a", sol2: "b" }, /:1 label/],
  ["allenai/sciq", { support: "", question: "q" }, /:1 distractor1/],
  ["allenai/winogrande", { sentence: "a", option1: "a", option2: "b", answer: "1" }, /:1 sentence — .*blank _/],
  ["cais/mmlu", { question: "q", choices: ["a", "b", "c"], answer: 1 }, /:1 choices — expected four/],
  ["cais/mmlu", { question: "q", choices: ["a", "b", "c", "d"], answer: "B" }, /:1 answer — expected the index/],
  ["EleutherAI/wikitext_document_level", { text: "p" }, /:1 page — .*got only the field "text"/],
])("a record of %s without what its task needs is refused: %j", async (datasetPath, record, message) => {
  await expect(readAs(datasetPath, [record])).rejects.toThrow(message);
});

test("a bad line and an empty file are named", async () => {
  const path = folderWith({ "test.jsonl": '{"a":1}\n{"a":\n', "train.jsonl": "\n" });
  await expect(read({ path })).rejects.toThrow(/test.jsonl:2 — expected a JSON object/);
  await expect(read({ path }, "train")).rejects.toThrow(/train.jsonl — expected at least one document, got none/);
});

test("the hub is not asked without access, and not for what it cannot have", async () => {
  await expect(read({ datasetPath: "allenai/ai2_arc" })).rejects.toThrow(/access to the hub, .*\n.*--data t=PATH/);
  expect(() => openTaskData({ ...none, datasetPath: "../data" })).toThrow(
    /dataset_path — expected a data set of the hub/,
  );
  await expect(read({ datasetKwargs: { data_dir: "x" } })).rejects.toThrow(/dataset_kwargs .*got data_dir/);
});
