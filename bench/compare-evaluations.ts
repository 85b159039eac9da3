/**
 * `node bench/build/js/compare-evaluations.js OURS THEIRS` compares two folders of `strata eval` and lm_eval: each has
 * results_TIME.json and samples_TASK_TIME.jsonl, itself or in the folder of a model. Prints the largest difference of
 * log-likelihoods and the first differences; exits with 1 if there are any.
 */
import { readEvaluation, type Evaluation } from "#strata/evaluate/harness/compare/read-evaluation.js";
import { readLines } from "#strata/evaluate/harness/compare/read-lines.js";
import { parseResultsJson } from "#strata/evaluate/harness/compare/parse-results-json.js";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

type Json = Readonly<Record<string, unknown>>;

const shown = 20;
const logLikelihoodTolerance = 1e-3;
/** lm_eval adds the log-likelihoods of a window in float32, where −40,000 has a resolution of 0.004. */
const float32Resolution = 2 ** -23;
const metricTolerance = 5e-5;
const perplexityTolerance = 2e-4;
/** Sections of the results file that must be equal; of the other keys only the names count. */
const equalSections = [
  "versions",
  "n-shot",
  "higher_is_better",
  "n-samples",
  "task_hashes",
  "group_subtasks",
  "tokenizer_pad_token",
  "tokenizer_bos_token",
  "tokenizer_eos_token",
  "max_length",
];

class Findings {
  readonly texts: string[] = [];
  largest = { difference: 0, where: "" };
  logLikelihoods = 0;
  lines = 0;

  expectEqual(where: string, ours: unknown, theirs: unknown): void {
    if (isDeepStrictEqual(ours, theirs)) return;
    this.texts.push(`${where}: ${brief(ours)} but lm_eval has ${brief(theirs)}`);
  }

  expectKeys(where: string, ours: unknown, theirs: unknown): void {
    const [own, other] = [keys(ours), keys(theirs)];
    const without = (names: string[], others: string[]) => names.filter((name) => !others.includes(name)).join(", ");
    if (isDeepStrictEqual(own, other)) return;
    this.texts.push(`${where}: lacks ${without(other, own) || "nothing"}, adds ${without(own, other) || "nothing"}`);
  }

  expectNear(where: string, ours: unknown, theirs: unknown, tolerance: number): void {
    if (typeof ours !== "number" || typeof theirs !== "number") return this.expectEqual(where, ours, theirs);
    if (!(Math.abs(ours - theirs) <= tolerance) && !Object.is(ours, theirs)) {
      this.texts.push(`${where}: ${ours} but lm_eval has ${theirs}`);
    }
  }

  expectLogLikelihood(where: string, ours: number, theirs: number): void {
    const difference = Math.abs(ours - theirs);
    this.logLikelihoods++;
    if (difference > this.largest.difference) this.largest = { difference, where };
    this.expectNear(where, ours, theirs, Math.max(logLikelihoodTolerance, float32Resolution * Math.abs(theirs)));
  }
}

const [ours, theirs] = process.argv.slice(2).map((path) => readEvaluation(path));
const findings = new Findings();
compareResults(ours, theirs);
for (const task of theirs.tasks) if (ours.tasks.includes(task)) compareSamples(task);
for (const text of findings.texts.slice(0, shown)) console.log(text);
const { texts, largest, logLikelihoods, lines } = findings;
console.log(
  `${theirs.tasks.join(", ")}: ${lines} lines, ${logLikelihoods} log-likelihoods, ` +
    `largest difference ${largest.difference.toExponential(1)}${largest.where && ` (${largest.where})`}; ` +
    `${texts.length} differences`,
);
process.exitCode = texts.length === 0 ? 0 : 1;

function compareResults(own: Evaluation, other: Evaluation): void {
  const [a, b] = [own, other].map(({ file }) => parseResultsJson(readFileSync(file, "utf8")) as Json);
  findings.expectKeys("results file", a, b);
  for (const key of equalSections) findings.expectEqual(key, a[key], b[key]);
  const [configsA, configsB] = [a.configs, b.configs] as Record<string, Json>[];
  findings.expectKeys("configs", configsA, configsB);
  for (const task of Object.keys(configsB)) findings.expectKeys(`configs.${task}`, configsA[task], configsB[task]);
  for (const section of ["results", "groups"]) {
    const [resultsA = {}, resultsB = {}] = [a[section], b[section]] as (Record<string, Json> | undefined)[];
    findings.expectKeys(section, resultsA, resultsB);
    for (const [task, values] of Object.entries(resultsB)) {
      findings.expectKeys(`${section}.${task}`, resultsA[task], values);
      for (const [key, value] of Object.entries(values)) {
        const isRatio = key.includes("perplexity") || key.includes("bits_per_byte");
        const tolerance = isRatio && typeof value === "number" ? perplexityTolerance * value : metricTolerance;
        findings.expectNear(`${section}.${task} ${key}`, resultsA[task]?.[key], value, tolerance);
      }
    }
  }
}

function compareSamples(task: string): void {
  const [a, b] = [ours, theirs].map((evaluation) =>
    [...readLines(evaluation.samplesFile(task))].map(({ text }) => parseResultsJson(text) as Json),
  );
  findings.expectEqual(`${task}: number of lines`, a.length, b.length);
  const isText = theirs.facts("configs", task).output_type === "generate_until";
  for (const [i, other] of b.slice(0, a.length).entries()) compareLine(`${task} line ${i + 1}`, a[i], other, isText);
}

function compareLine(line: string, own: Json, other: Json, isText: boolean): void {
  findings.lines++;
  const where = `${line} (doc ${String(other.doc_id)}, ${String(other.filter)})`;
  findings.expectEqual(`order of keys in ${where}`, Object.keys(own), Object.keys(other));
  for (const [key, value] of Object.entries(other)) {
    if (!isText && (key === "resps" || key === "filtered_resps")) compareResponses(`${where} ${key}`, own[key], value);
    else if (key === "metrics" || !(other.metrics as string[]).includes(key)) {
      findings.expectEqual(`${where} ${key}`, own[key], value);
    } else compareValue(`${where} ${key}`, own[key], value);
  }
}

function compareValue(where: string, own: unknown, other: unknown): void {
  if (!Array.isArray(own) || !Array.isArray(other)) return findings.expectNear(where, own, other, metricTolerance);
  findings.expectLogLikelihood(where, Number(own[0]), Number(other[0]));
  findings.expectEqual(`${where} weight`, own.slice(1), other.slice(1));
}

/** Leaves are text: log-likelihoods must be near, everything else equal. */
function compareResponses(where: string, own: unknown, other: unknown): void {
  if (Array.isArray(own) && Array.isArray(other) && own.length === other.length) {
    for (const [i, one] of other.entries()) compareResponses(`${where}[${i}]`, own[i], one);
  } else if (isNumber(own) && isNumber(other)) {
    findings.expectLogLikelihood(where, Number(own), Number(other));
  } else findings.expectEqual(where, own, other);
}

function isNumber(value: unknown): value is string {
  return typeof value === "string" && /^-?(\d+(\.\d*)?(e[-+]?\d+)?)$/.test(value);
}

function keys(value: unknown): string[] {
  return typeof value === "object" && value !== null ? Object.keys(value).toSorted() : [];
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
