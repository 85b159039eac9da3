import type { GroupOutcome, LoggedSample, RunFacts, TaskOutcome } from "../../../../src/evaluate/harness/outcome.js";
import { Dict } from "../../../../src/text/jinja/values/value.js";
import { PythonFloat } from "../../../../src/text/python-float.js";

export const facts: RunFacts = {
  model: "org/My-Model",
  limit: null,
  tokens: { pad: { text: "<pad>", id: 0 }, eos: { text: "<eos>", id: 2 }, bos: { text: "<bos>", id: 1 } },
  maxLength: 512,
  chatTemplate: null,
  fewshotAsMultiturn: true,
  systemInstruction: null,
  shots: null,
  dtype: "f32",
  bos: "auto",
  seconds: 6.5,
  started: 1795452004.25,
};

export function taskOf(
  task: string,
  value: number,
  documents: number,
  samples: readonly LoggedSample[] = [],
): TaskOutcome {
  return {
    task,
    alias: task,
    version: new PythonFloat(1),
    shots: 0,
    higherIsBetter: [["acc", true]],
    metrics: [{ metric: "acc", filter: "none", value, standardError: 0.1 }],
    documents: { original: 10, effective: documents },
    seconds: null,
    config: new Dict([["task", task]]),
    samples,
  };
}

export function groupOf(group: string, members: readonly string[], value: number | null): GroupOutcome {
  return {
    group,
    alias: group,
    version: "N/A",
    members,
    metrics: value === null ? [] : [{ metric: "acc", filter: "none", value, standardError: null }],
    documents: 6,
  };
}
