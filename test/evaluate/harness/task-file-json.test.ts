import { basename } from "node:path";
import { expect, test } from "vitest";
import { findTasks } from "../../../src/evaluate/harness/config/find-tasks.js";
import { readTaskConfig } from "../../../src/evaluate/harness/config/read-task-config.js";
import {
  readTaskFileJson,
  writeTaskFile,
  type TaskFileJson,
} from "../../../src/evaluate/harness/config/task-file-json.js";
import { findTaskFiles, type Entry } from "../../../src/evaluate/harness/config/task-files.js";
import { FunctionName, parseTaskYaml } from "../../../src/evaluate/harness/config/task-yaml.js";
import { Dict } from "../../../src/text/jinja/values/value.js";
import { PythonFloat } from "../../../src/text/python-float.js";

const entries = [...findTaskFiles([]).entries.values()].filter(({ kind }) => kind === "task");

/** Through a file of JSON. */
function restored(entry: Entry): Entry {
  return readTaskFileJson(JSON.parse(JSON.stringify(writeTaskFile(entry))) as TaskFileJson);
}

/** With the entries of mappings as lists: their order counts, and those of a Dict are private. */
function open(value: unknown): unknown {
  if (value instanceof Dict) return { dict: Array.from(value.items(), open) };
  if (value instanceof Map) return { map: Array.from(value, open) };
  if (Array.isArray(value)) return value.map(open);
  if (typeof value !== "object" || value === null || value instanceof PythonFloat || value instanceof FunctionName)
    return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, open(item)]));
}

test("every task file of the package is the same after JSON, but for its folder", () => {
  expect(entries.length).toBeGreaterThan(60);
  for (const entry of entries) {
    const file = basename(entry.file);
    const found = restored(entry);
    expect(open(found)).toStrictEqual(open({ ...entry, file }));
    expect(open(readTaskConfig(found))).toStrictEqual(open(readTaskConfig({ ...entry, file })));
  }
});

test("the folder of a task file changes nothing but its name in the config", () => {
  for (const entry of entries.slice(0, 10)) {
    const config = readTaskConfig(entry);
    const { file, dump } = readTaskConfig(restored(entry));
    expect(open({ ...readTaskConfig(restored(entry)), file: config.file, dump: config.dump })).toStrictEqual(
      open(config),
    );
    expect([file, (dump.get("metadata") as Dict).get("config_source")]).toEqual([
      basename(entry.file),
      basename(entry.file),
    ]);
  }
});

test("values that JSON lacks, and mappings that look like marked values, are kept", () => {
  const keys = parseTaskYaml(
    `
task: odd
metadata: { version: 1.0, whole: 1, large: 123456789012345678901, infinite: -.inf, none: .nan, absent: null }
dataset_kwargs: { map: [1], list: x, float: 2, integer: "7", function: { map: y } }
process_docs: !function utils.process
doc_to_choice: [1.0, 1, "1", true, [null]]
2: two
1: one
`,
    "odd.yaml",
  );
  const entry: Entry = { kind: "task", name: "odd", file: "odd.yaml", keys };
  expect(open(restored(entry))).toStrictEqual(open(entry));
  expect([...restored(entry).keys.keys()].slice(-2)).toEqual(["2", "1"]);
});

test("a task is found by its name, and several by that of a group or a tag", () => {
  expect(findTasks("gsm8k").map(({ name }) => name)).toEqual(["gsm8k"]);
  expect(findTasks("ai2_arc").map(({ name }) => name)).toEqual(["arc_challenge", "arc_easy"]);
  expect(findTasks("mmlu")).toHaveLength(57);
  expect(() => findTasks("gsm9k")).toThrow(/Did you mean "gsm8k"/);
});
