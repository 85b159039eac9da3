import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { StrataError } from "../../src/errors/strata-error.js";
import { exactMatchItem, multipleChoiceItem } from "../../src/evaluate/task/items.js";
import type { DataRecord } from "../../src/evaluate/task/record.js";

interface Case {
  readonly task: "gsm8k" | "arc" | "choices" | "hellaswag";
  readonly record: string;
  /** What the harness reads; absent if it fails. */
  readonly harness?: unknown;
}

const path = join(import.meta.dirname, "written-answers.json");
const cases = JSON.parse(readFileSync(path, "utf8")) as readonly Case[];

/** What Strata reads; undefined if it refuses the record. */
function read({ task, record }: Case): unknown {
  const parsed = JSON.parse(record) as DataRecord;
  try {
    if (task === "gsm8k") return exactMatchItem(parsed, "case").answer;
    const { gold, choices } = multipleChoiceItem(parsed, "case");
    return task === "choices" ? choices.map((choice) => ` ${choice}`) : gold;
  } catch (error) {
    expect(error).toBeInstanceOf(StrataError);
    return undefined;
  }
}

const valueOf = (record: string) => /"(?:answer|answerKey|label)": ([^{]*)\}$/.exec(record)?.[1];

test("what Strata reads is what the harness reads, except for whole numbers with a point", () => {
  const others = cases.filter((one) => {
    const found = read(one);
    return "harness" in one && found !== undefined && JSON.stringify(found) !== JSON.stringify(one.harness);
  });
  // JavaScript parses 7.0 as 7.
  expect(
    others.map(({ record }) => [valueOf(record), read(cases.find((one) => one.record === record) as Case)]),
  ).toEqual([
    ["7.0", "7"],
    ["1e3", "1000"],
  ]);
});

test("what only Strata reads are keys and labels of which one is a number and the other a text", () => {
  const only = cases.filter((one) => !("harness" in one) && read(one) !== undefined);
  expect(only.map(({ record }) => record.slice(record.indexOf('"label"')))).toEqual([
    '"label": ["1", "2"]}, "answerKey": 2}',
    '"label": [1, 2]}, "answerKey": "2"}',
  ]);
});

test("what only the harness reads is printed by Python, never correct, or not one label per choice", () => {
  const refused = cases.filter((one) => "harness" in one && read(one) === undefined);
  expect(refused.map(({ task, harness }) => [task, harness])).toEqual([
    ["gsm8k", ""],
    ["gsm8k", "True"],
    ["gsm8k", "None"],
    ["gsm8k", "[1, 2]"],
    ["gsm8k", "{'value': 1}"],
    ["arc", 1],
    ["arc", 0],
    ["choices", [" None", " b"]],
    ["hellaswag", 1],
    ["hellaswag", 2],
    ["hellaswag", -1],
  ]);
});
