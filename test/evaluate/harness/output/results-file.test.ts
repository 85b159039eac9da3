import { expect, it } from "vitest";
import { dumpIndentedJson } from "../../../../src/evaluate/harness/output/python-json.js";
import { resultsObject } from "../../../../src/evaluate/harness/output/results-file.js";
import type { TaskOutcome } from "../../../../src/evaluate/harness/outcome.js";
import { fromJson } from "../../../../src/text/jinja/from-json.js";
import type { Dict } from "../../../../src/text/jinja/values/value.js";
import { PythonFloat } from "../../../../src/text/python-float.js";
import { goldenFile } from "./golden-file.js";
import { facts, groupOf, taskOf } from "./outcomes.js";

const recorded = goldenFile<{ results_json: string }>("output.json").results_json;

function taskFrom(name: string): TaskOutcome {
  const file = JSON.parse(recorded);
  const result = file.results[name];
  const keys = Object.keys(result).filter((key) => key.includes(",") && !key.includes("_stderr,"));
  return {
    task: name,
    alias: result.alias,
    version: new PythonFloat(file.versions[name]),
    shots: file["n-shot"][name],
    higherIsBetter: Object.entries(file.higher_is_better[name] as Record<string, boolean>),
    metrics: keys.map((key) => {
      const [metric, filter] = key.split(",");
      return { metric, filter, value: result[key], standardError: result[`${metric}_stderr,${filter}`] };
    }),
    documents: file["n-samples"][name],
    config: fromJson(file.configs[name]) as Dict,
    samples: [],
    seconds: null,
  };
}

/** Up to and including `n-samples`; the configuration's floats are whole numbers in the recorded text. */
function scores(text: string): string {
  return text.slice(0, text.indexOf('\n  "config":')).replace(/"(version|temperature)": (\d+)\.0/g, '"$1": $2');
}

it("writes scores as the harness does, and its keys in order", () => {
  const tasks = ["gsm8k", "arc_easy"].map(taskFrom);
  const hashes = new Map(Object.entries<string>(JSON.parse(recorded).task_hashes));
  const text = dumpIndentedJson(resultsObject({ tasks, groups: [] }, facts, hashes));
  expect(scores(text)).toBe(scores(recorded));
  const [ours, theirs] = [JSON.parse(text), JSON.parse(recorded)];
  expect(Object.keys(ours)).toEqual(Object.keys(theirs));
  expect(Object.keys(ours.config)).toEqual(Object.keys(theirs.config));
  const same = ["task_hashes", "tokenizer_pad_token", "tokenizer_eos_token", "tokenizer_bos_token", "model_name"];
  for (const key of [...same, "model_name_sanitized"]) expect(ours[key]).toEqual(theirs[key]);
  expect(ours.total_evaluation_time_seconds).toBe("6.5");
});

it("hashes a chat template and a system instruction; a missing token has the id None", () => {
  const tokens = { ...facts.tokens, pad: null };
  const given = { ...facts, chatTemplate: "é", systemInstruction: "", tokens };
  const { chat_template_sha: template, ...file } = JSON.parse(
    dumpIndentedJson(resultsObject({ tasks: [taskOf("a", 1, 1)], groups: [] }, given, new Map())),
  );
  expect(template).toBe("4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c");
  expect(file.system_instruction_sha).toBeNull();
  expect(file.tokenizer_pad_token).toEqual([null, "None"]);
});

it("lists groups after their tasks, inner groups first, and fills only groups of tasks", () => {
  const tasks = [taskOf("a", 1, 2), taskOf("b", 0.5, 4)];
  const groups = [groupOf("outer", ["inner"], null), groupOf("inner", ["a", "b"], 2 / 3)];
  const file = JSON.parse(dumpIndentedJson(resultsObject({ tasks, groups }, facts, new Map())));
  expect(Object.keys(file.results)).toEqual(["a", "b", "inner", "outer"]);
  expect(file.results.inner).toEqual({
    alias: "inner",
    name: "inner",
    sample_len: 6,
    "acc,none": 2 / 3,
    "acc_stderr,none": "N/A",
    sample_count: { "acc,none": 6 },
  });
  expect(file.results.outer).toEqual({ alias: "outer", name: "outer" });
  expect(file.groups).toEqual({ inner: file.results.inner });
  expect(file.group_subtasks).toEqual({ outer: ["inner"], inner: ["a", "b"] });
  expect(file["n-shot"]).toEqual({ a: 0, b: 0, inner: 0 });
  expect(Object.keys(file.higher_is_better)).toEqual(["a", "b", "inner"]);
  expect(file.versions).toEqual({ a: 1, b: 1, inner: "N/A", outer: "N/A" });
});
