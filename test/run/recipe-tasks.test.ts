import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FileTaskSample, Sample } from "../../src/evaluate/output/samples.js";
import type { TaskScores } from "../../src/evaluate/output/scores.js";
import { formatRecipe } from "../../src/recipe/format-recipe.js";
import { parseRecipe } from "../../src/recipe/load-recipe.js";
import { planRun } from "../../src/run/graph/run-graph.js";
import { startHub, type HubServer } from "../hub/hub-server.js";
import { commitOf } from "../hub/served.js";
import { memoryFolder } from "../temporary-folder.js";
import { jsonl } from "./before-run.js";
import { strata } from "./strata.js";

const model = join(import.meta.dirname, "../golden/gguf/untied");
const folder = memoryFolder();
const at = (...names: string[]) => join(folder, ...names);
let hub: HubServer;
let environment: Readonly<Record<string, string>>;

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const sum = (i: number) => ({ question: `What is ${i} + 1?`, answer: `${i} + 1 = ${i + 1}\n#### ${i + 1}` });
const question = (i: number) => ({
  id: `Q${i}`,
  question: `Which is ${i}?`,
  choices: { text: [`one ${i}`, `two ${i}`, `three`], label: ["A", "B", "C"] },
  answerKey: "ABC"[i % 3],
});
const gsm8k = {
  "main/train.jsonl": Buffer.from(jsonl(...numbers(9).map((i) => sum(i + 20)))),
  "main/test.jsonl": Buffer.from(jsonl(...numbers(5).map(sum))),
  "README.md": Buffer.from(
    "---\nconfigs:\n- config_name: main\n  data_files:\n  - {split: train, path: main/train.jsonl}\n" +
      "  - {split: test, path: main/test.jsonl}\n---\n",
  ),
};

/** A text of each document, with a file that it includes. */
const pages = `include: base.yaml
task: pages
metric_list: [{ metric: word_perplexity }, { metric: bits_per_byte }]
`;
const base = () => `dataset_path: json
dataset_kwargs: { data_files: { test: ${at("pages.jsonl")} } }
test_split: test
output_type: loglikelihood_rolling
doc_to_text: ""
doc_to_target: "{{page}}"
`;

const recipe = `
data:
  words: { files: words.jsonl }
  arc: { files: arc/test.jsonl }
  examples: { files: arc/train.jsonl }
model: { folder: ${model} }
training: { data: words, sequenceLength: 16, batchSize: 1, amount: { steps: 1 } }
dtype: f32
holdOut: 0
strategies: [vanilla]
baselines: [vanilla]
evaluateAt: []
evaluation:
  - { task: gsm8k, fewShot: 1, limit: 3, maxTokens: 6 }
  - { name: arc, task: arc_easy, data: arc, split: all, fewShot: 2, fewShotData: examples }
  - tasks/pages.yaml
machine: { threads: 1, parallel: 1 }
`;

beforeAll(async () => {
  hub = await startHub();
  hub.revisions.set("datasets/openai/gsm8k@main", { commit: commitOf("d"), files: gsm8k });
  environment = { HF_HOME: at("hub"), HF_ENDPOINT: hub.endpoint };
  for (const name of ["arc", "tasks"]) mkdirSync(at(name));
  writeFileSync(at("words.jsonl"), jsonl(...numbers(20).map((i) => ({ text: `one two three ${i} and so on` }))));
  writeFileSync(at("arc/test.jsonl"), jsonl(...numbers(7).map(question)));
  writeFileSync(at("arc/train.jsonl"), jsonl(...numbers(12).map((i) => question(i + 100))));
  writeFileSync(at("pages.jsonl"), jsonl({ page: "one two" }, { page: "three and four of them" }, { page: "é" }));
  writeFileSync(at("tasks/base.yaml"), base());
  writeFileSync(at("tasks/pages.yaml"), pages);
  writeFileSync(at("small.yaml"), recipe);
});
afterAll(() => hub.close());

const load = (text = recipe) => parseRecipe(text, at("small.yaml"));

test("a task brings its data sets, and the recipe that says so is the same", () => {
  const { data, evaluation, training } = load();
  expect(training.data).toEqual(["words"]);
  expect(Object.keys(data)).toEqual(["words", "arc", "examples", "gsm8k test", "gsm8k train", "pages test"]);
  expect(data["gsm8k train"]).toMatchObject({ hf: "openai/gsm8k", config: "main", split: "train", revision: "main" });
  expect(data["pages test"]).toMatchObject({ files: [at("pages.jsonl")] });
  const all = { split: "all", limit: null, fewShotData: null, maxTokens: null };
  expect(evaluation).toEqual([
    {
      ...all,
      task: "gsm8k",
      name: "gsm8k",
      data: "gsm8k test",
      limit: 3,
      fewShot: 1,
      fewShotData: "gsm8k train",
      maxTokens: 6,
    },
    { ...all, task: "arc_easy", name: "arc", data: "arc", fewShot: 2, fewShotData: "examples" },
    { ...all, task: at("tasks/pages.yaml"), name: "pages", data: "pages test", fewShot: 0 },
  ]);
  expect(parseRecipe(formatRecipe(load()), "elsewhere/recipe.yaml")).toEqual(load());
});

test("a group or a tag stands for its tasks", () => {
  const written = recipe.replace("- tasks/pages.yaml", "- { task: ai2_arc, limit: 2 }");
  expect(load(written).evaluation.map(({ name }) => name)).toEqual(["gsm8k", "arc", "arc_challenge", "arc_easy"]);
  expect(() => load(written.replace("limit: 2", "data: arc, name: both"))).toThrow(
    /no such key beside a group of tasks, got "name".\n {2}`ai2_arc` stands for 2 tasks; write an entry for each\./,
  );
  expect(() => load(written.replace("name: arc,", "").replace("limit: 2 }", "limit: 2 }\n  - arc_challenge"))).toThrow(
    /evaluation\[2\] — expected a name that is unique in evaluation, got "arc_easy"\./,
  );
});

test("an evaluation depends on what the task file says, and on nothing of where it is", async () => {
  const access = {
    settings: {
      endpoint: hub.endpoint,
      cacheFolder: at("cache"),
      token: null,
      offline: false,
      proxies: null,
      retryPolicy: { retries: 1, firstWaitMilliseconds: 1, idleTimeoutMilliseconds: 60_000 },
    },
    signal: new AbortController().signal,
  };
  const idOf = async (text: string) => (await planRun(load(text), access)).baseEvaluation.id;
  const id = await idOf(recipe);
  mkdirSync(at("moved"));
  writeFileSync(at("moved/base.yaml"), base());
  writeFileSync(at("moved/pages.yaml"), pages);
  const moved = recipe.replace("tasks/pages", "moved/pages");
  expect(await idOf(moved)).toBe(id);
  writeFileSync(at("moved/base.yaml"), base().replace("{{page}}", "{{page}}."));
  expect(await idOf(moved)).not.toBe(id);
});

test("a run scores its tasks as `strata eval` does", async () => {
  const runs = at("runs");
  const done = await strata(["run", at("small.yaml"), "--runs", runs, "--json"], undefined, environment);
  expect(done.code, done.err).toBe(0);
  const { facts } = JSON.parse(done.out) as { facts: { strategies: { name: string; scores: TaskScores[] }[] } };
  const [{ scores }] = facts.strategies;
  const call = async (tasks: string, ...more: string[]) => {
    const output = ["--output_path", at("out", tasks), "--log_samples", "--json"];
    const args = ["eval", "--model", model, "--dtype", "f32", "--tasks", tasks, ...output, ...more];
    const ended = await strata(args, undefined, environment, folder);
    expect(ended.code, ended.err).toBe(0);
    return JSON.parse(ended.out) as { results: Record<string, Record<string, number>> };
  };
  // The length of its answers is that of a copy of the task file.
  writeFileSync(at("tasks/short.yaml"), shortGsm8k());
  const gsm8kResults = await call("gsm8k", "--num_fewshot", "1", "--limit", "3", "--include_path", at("tasks"));
  const arcResults = await call("arc_easy", "--num_fewshot", "2", "--data", "arc_easy=arc");
  const pagesResults = await call("pages", "--include_path", at("tasks"));
  const expected = {
    gsm8k: pick(gsm8kResults.results.gsm8k, ["exact_match,strict-match", "exact_match,flexible-extract"]),
    arc: pick(arcResults.results.arc_easy, ["acc,none", "acc_norm,none"]),
    pages: pick(pagesResults.results.pages, ["word_perplexity,none", "bits_per_byte,none"]),
  };
  const found = scores.map(({ task, metrics }) => [task, Object.values(metrics).map(({ value }) => value)]);
  expect(Object.fromEntries(found)).toEqual(expected);
  const samples = samplesOf(runs);
  for (const [name, file, key] of [
    ["gsm8k", "gsm8k", "gsm8k"],
    ["arc", "arc_easy", "arc_easy"],
    ["pages", "pages", "pages"],
  ]) {
    const own = samples.filter(({ task }) => task === name);
    const lines = linesOf(at("out", file), key);
    expect(own.length).toBeGreaterThan(2);
    for (const { doc, prompt, responses, target } of own) {
      const line = lines.find((one) => one.doc_id === doc)!;
      expect(prompt).toBe(line.arguments.gen_args_0.arg_0);
      expect(target).toBe(line.target);
      const first = line.resps.map(([one]) =>
        Array.isArray(one) ? Number(one[0]) : name === "pages" ? Number(one) : one,
      );
      expect(responses).toEqual(first);
    }
  }
  const [, , ofPages] = scores;
  expect(ofPages.metrics.word_perplexity.standardError).toBeGreaterThan(0);
});

test("a loss on several data sets is the mean over all tokens, and its bits per byte over all bytes", async () => {
  const losses = ["[words]", "[arc]", "[words, arc]"].map(
    (data, i) => `{ name: loss-${i}, kind: loss, data: ${data}, split: all, documents: 5 }`,
  );
  const written = recipe
    .slice(0, recipe.indexOf("evaluation:"))
    .replace("files: arc/test.jsonl", "files: arc/test.jsonl, field: question")
    .replace("training: { data: words", "training: { data: examples")
    .replace("files: arc/train.jsonl", "files: arc/train.jsonl, field: question");
  writeFileSync(at("losses.yaml"), `${written}evaluation: [${losses.join(", ")}]\nmachine: { threads: 1 }\n`);
  const done = await strata(["run", at("losses.yaml"), "--runs", at("losses"), "--json"], undefined, environment);
  expect(done.code, done.err).toBe(0);
  const { facts } = JSON.parse(done.out) as { facts: { strategies: { scores: TaskScores[] }[] } };
  const [one, other, both] = facts.strategies[0].scores.map(({ metrics }) => metrics);
  expect(both.loss.count).toBe(one.loss.count + other.loss.count);
  const sum = one.loss.value * one.loss.count + other.loss.value * other.loss.count;
  expect(both.loss.value).toBeCloseTo(sum / both.loss.count, 5);
  const bytes = (texts: readonly string[]) => Buffer.byteLength(texts.join(""));
  const wordBytes = bytes(numbers(5).map((i) => `one two three ${i} and so on`));
  const questionBytes = bytes(numbers(5).map((i) => question(i).question));
  expect(one.bits_per_byte.value).toBeCloseTo((one.loss.value * one.loss.count) / wordBytes / Math.LN2, 5);
  expect(both.bits_per_byte.value).toBeCloseTo(sum / (wordBytes + questionBytes) / Math.LN2, 5);
  expect(both.bits_per_byte.standardError).toBeGreaterThan(0);
});

function shortGsm8k(): string {
  return `include: ${join(import.meta.dirname, "../../tasks/gsm8k.yaml")}
task: gsm8k
generation_kwargs: { until: ["Question:", "</s>", "<|im_end|>"], do_sample: false, temperature: 0.0, max_gen_toks: 6 }
`;
}

function pick(results: Readonly<Record<string, number>>, keys: readonly string[]): number[] {
  return keys.map((key) => results[key]);
}

/** Of the base, which `strata eval` scores. */
function samplesOf(runs: string): Sample<FileTaskSample>[] {
  const jobs = JSON.parse(readFileSync(join(runs, "small", "jobs.json"), "utf8")) as { id: string; title: string }[];
  const { id } = jobs.find(({ title }) => title === "evaluate base")!;
  return readLines(join(runs, "jobs", id, "samples.jsonl")) as Sample<FileTaskSample>[];
}

interface Line {
  readonly doc_id: number;
  readonly target: string;
  readonly arguments: { readonly gen_args_0: { readonly arg_0: string } };
  readonly resps: readonly (readonly (string | readonly string[])[])[];
}

function linesOf(output: string, task: string): readonly Line[] {
  const names = readdirSync(output, { recursive: true, encoding: "utf8" });
  return readLines(
    join(
      output,
      names.find((name) => name.includes(`samples_${task}_`))!,
    ),
  ) as Line[];
}

function readLines(path: string): unknown[] {
  return readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}
