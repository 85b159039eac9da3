import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { outputPaths, sanitizeModelName, timeId } from "../../../../src/evaluate/harness/output/file-names.js";
import { SampleLines } from "../../../../src/evaluate/harness/output/sample-lines.js";
import { writeFiles } from "../../../../src/evaluate/harness/output/write-files.js";
import type { LoggedSample } from "../../../../src/evaluate/harness/outcome.js";
import { fromJson } from "../../../../src/text/jinja/from-json.js";
import { Dict, Tuple, type Value } from "../../../../src/text/jinja/values/value.js";
import { PythonFloat } from "../../../../src/text/python-float.js";
import { temporaryFolder } from "../../../temporary-folder.js";
import { goldenFile } from "./golden-file.js";
import { facts, taskOf } from "./outcomes.js";

interface Recorded {
  results_json: string;
  samples: Record<string, string[]>;
  sanitize_model_name: { in: string; expected: string }[];
}
const recorded = goldenFile<Recorded>("output.json");
const folder = temporaryFolder();

/** What the harness held before it turned leaves into text. */
function sampleOf(text: string): LoggedSample {
  const line = JSON.parse(text);
  const leaf = (value: string): Value =>
    value === "True" || value === "False"
      ? value === "True"
      : /^-\d+\.\d+$/.test(value)
        ? new PythonFloat(Number(value))
        : value;
  const response = (value: string | string[]) => (Array.isArray(value) ? new Tuple(value.map(leaf)) : leaf(value));
  return {
    docId: line.doc_id,
    doc: fromJson(line.doc) as Dict,
    target: line.metrics[0] === "acc" ? Number(line.target) : line.target,
    requests: Object.values(line.arguments).map((request) =>
      Object.values(request as object).map((value) => argumentOf(value)),
    ),
    responses: line.resps.map((repeats: (string | string[])[]) => repeats.map(response)),
    filtered: line.filtered_resps.map(response),
    filter: line.filter,
    metrics: line.metrics.map((name: string) => [name, new PythonFloat(line[name])] as const),
  };
}

function argumentOf(value: unknown): Value {
  const argument = fromJson(value);
  if (argument instanceof Dict && argument.has("temperature")) argument.set("temperature", new PythonFloat(0));
  return argument;
}

it("writes the harness's lines and hashes", () => {
  const hashes = JSON.parse(recorded.results_json).task_hashes;
  for (const [task, texts] of Object.entries(recorded.samples)) {
    const lines = new SampleLines(texts.map(sampleOf));
    expect([...lines.lines()]).toEqual(texts.map((text) => `${text}\n`));
    expect(lines.taskHash()).toBe(hashes[task]);
  }
});

it("keeps nested lists, and prints other values as Python does", () => {
  const sample: LoggedSample = {
    docId: 7,
    doc: new Dict([["answers", ["a", "b"]]]),
    target: ["a", "b"],
    requests: [["page"]],
    responses: [[new PythonFloat(-103)]],
    filtered: [["x", [new PythonFloat(1e16), null]]],
    filter: "none",
    metrics: [["word_perplexity", new Tuple([new PythonFloat(-103), 36])]],
  };
  const [line] = new SampleLines([sample]).lines();
  expect(line).toContain("\"target\": \"['a', 'b']\"");
  expect(line).toContain('"arguments": {"gen_args_0": {"arg_0": "page"}}');
  expect(line).toContain('"resps": [["-103.0"]], "filtered_resps": [["x", ["1e+16", "None"]]]');
  expect(line).toContain('"metrics": ["word_perplexity"]');
  expect(line.endsWith('"word_perplexity": [-103.0, 36]}\n')).toBe(true);
});

it("names files as the harness does", () => {
  for (const { in: name, expected } of recorded.sanitize_model_name) expect(sanitizeModelName(name)).toBe(expected);
  const time = new Date(2026, 10, 3, 4, 5, 6, 70);
  expect(timeId(time)).toBe("2026-11-03T04-05-06.070000");
  expect(timeId(new Date(2026, 10, 3, 4, 5, 6))).toBe("2026-11-03T04-05-06");
  const below = outputPaths("out", "org/My-Model", time);
  expect(below.results).toBe("out/org__My-Model/results_2026-11-03T04-05-06.070000.json");
  expect(below.samples("gsm8k")).toBe("out/org__My-Model/samples_gsm8k_2026-11-03T04-05-06.070000.jsonl");
  const beside = outputPaths("out/scores.json", "m", time);
  expect(beside.results).toBe("out/scores_2026-11-03T04-05-06.070000.json");
  expect(beside.samples("a/b")).toBe("out/samples_a__b_2026-11-03T04-05-06.070000.jsonl");
});

it("writes samples and results, or no results", () => {
  const samples = recorded.samples.arc_easy.map(sampleOf);
  const outcomes = { tasks: [taskOf("arc_easy", 0.5, 2, samples)], groups: [] };
  const path = writeFiles(folder, outcomes, facts, { logSamples: true });
  const files = readdirSync(join(folder, "org__My-Model")).sort();
  expect(files.map((name) => name.replace(/_20.*\./, "."))).toEqual(["results.json", "samples_arc_easy.jsonl"]);
  expect(readFileSync(join(folder, "org__My-Model", files[1]), "utf8")).toBe(
    recorded.samples.arc_easy.map((line) => `${line}\n`).join(""),
  );
  const { task_hashes: hashes } = JSON.parse(recorded.results_json);
  expect(JSON.parse(readFileSync(path, "utf8")).task_hashes).toEqual({ arc_easy: hashes.arc_easy });

  const broken = { tasks: [taskOf("t", 1, 1, [{ ...samples[0], requests: [] }])], groups: [] };
  const other = { ...facts, model: "broken" };
  expect(() => writeFiles(folder, broken, other, { logSamples: true })).toThrow();
  expect(existsSync(join(folder, "broken")) && readdirSync(join(folder, "broken"))).toEqual([]);
});
