import { suggestName } from "../../../errors/nearest-name.js";
import { PythonFloat } from "../../../text/python-float.js";
import { toText } from "../../../text/jinja/values/text.js";
import { Tuple, type Value } from "../../../text/jinja/values/value.js";
import { firstLargest } from "../../metric/statistics.js";
import { codePoints, wordCount } from "../../task/python-text.js";
import { taskFileError } from "../config/task-file-error.js";
import type { MetricConfig, OutputType, TaskConfig } from "../config/task-config.js";
import { resultsFunction } from "../functions/find-function.js";
import type { PreparedDocument } from "../prompt/requests.js";
import { exactMatcher } from "./exact-match.js";

/** The metrics of one document from what a filter left of the responses to its requests. */
export type DocumentMetrics = (
  document: PreparedDocument,
  filtered: readonly Value[],
) => readonly (readonly [metric: string, value: Value])[];

const supported: Readonly<Record<OutputType, readonly string[]>> = {
  multiple_choice: ["acc", "acc_norm", "acc_bytes", "exact_match"],
  generate_until: ["exact_match"],
  loglikelihood: ["perplexity", "acc"],
  loglikelihood_rolling: ["word_perplexity", "byte_perplexity", "bits_per_byte"],
};

/** @throws StrataError for a metric that Strata does not have */
export function documentMetrics(config: TaskConfig): DocumentMetrics {
  const { outputType, metrics, file } = config;
  for (const { metric } of metrics) {
    if (supported[outputType].includes(metric)) continue;
    const hint = suggestName(metric, supported[outputType]) ?? `Strata has ${supported[outputType].join(", ")}.`;
    throw taskFileError(`${file} metric_list`, `a metric of ${outputType} that Strata has`, `"${metric}"`, hint);
  }
  if (config.processResults !== null) {
    const run = resultsFunction(config.processResults, `${file} process_results`);
    return ({ doc }, filtered) => run(doc, filtered);
  }
  const byType: Readonly<Record<OutputType, () => DocumentMetrics>> = {
    multiple_choice: () => (document, filtered) => choiceMetrics(metrics, document, filtered),
    generate_until: () => answerMetrics(config),
    loglikelihood:
      () =>
      (_, [response]) =>
        continuationMetrics(metrics, response as Tuple),
    loglikelihood_rolling:
      () =>
      (document, [response]) =>
        rollingMetrics(metrics, document, response),
  };
  return byType[outputType]();
}

function continuationMetrics(metrics: readonly MetricConfig[], { items }: Tuple): [string, Value][] {
  const values: [string, Value][] = [
    ["perplexity", items[0]],
    ["acc", Number(items[1] === true)],
  ];
  return values.filter(([name]) => metrics.some(({ metric }) => metric === name));
}

function choiceMetrics(
  metrics: readonly MetricConfig[],
  { choices, gold }: PreparedDocument,
  filtered: readonly Value[],
): [string, Value][] {
  const likelihoods = filtered.map((response) => ((response as Tuple).items[0] as PythonFloat).value);
  const texts = choices as readonly string[];
  const right = gold as readonly number[];
  const scoreOf = (lengths: readonly number[] | null) => {
    const best = firstLargest(lengths === null ? likelihoods : likelihoods.map((sum, i) => sum / lengths[i]));
    return new PythonFloat(Number(right.includes(best)));
  };
  const values: Readonly<Record<string, () => Value>> = {
    acc: () => scoreOf(null),
    acc_norm: () => scoreOf(texts.map(codePoints)),
    acc_bytes: () => scoreOf(texts.map((text) => Buffer.byteLength(text))),
    exact_match: () => Number(right.some((i) => (filtered[i] as Tuple).items[1] === true)),
  };
  return Object.keys(values)
    .filter((name) => metrics.some(({ metric }) => metric === name))
    .map((name) => [name, values[name]()]);
}

function answerMetrics({ metrics, file }: TaskConfig): DocumentMetrics {
  const matchers = metrics.map(({ metric, options }) => {
    try {
      return { metric, matches: exactMatcher(options) };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw taskFileError(`${file} ${metric}`, "regular expressions", error.message, "Correct regexes_to_ignore.");
    }
  });
  return ({ target, choices }, [response]) => {
    const references = referencesOf(target, choices);
    const predictions = (Array.isArray(response) ? response : [response]).map(toText);
    return matchers.map(({ metric, matches }) => {
      const isRight = references.some((reference) => predictions.some((prediction) => matches(prediction, reference)));
      return [metric, new PythonFloat(Number(isRight))] as const;
    });
  };
}

function referencesOf(target: Value, choices: readonly string[] | null): string[] {
  if (choices !== null && typeof target === "number") return [choices[target]];
  return (Array.isArray(target) ? target : [target]).map(toText);
}

function rollingMetrics(
  metrics: readonly MetricConfig[],
  { target }: PreparedDocument,
  response: Value,
): [string, Value][] {
  const text = toText(target);
  const words = wordCount(text);
  const bytes = Buffer.byteLength(text);
  return metrics.map(({ metric }) => [metric, new Tuple([response, metric === "word_perplexity" ? words : bytes])]);
}
