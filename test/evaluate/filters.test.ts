import { expect, test } from "vitest";
import { findTask } from "../../src/evaluate/harness/config/find-tasks.js";
import { exactMatcher } from "../../src/evaluate/harness/score/exact-match.js";
import { filterOf } from "../../src/evaluate/harness/score/filters.js";
import { generationSettings } from "../../src/evaluate/harness/score/generation-settings.js";
import { judgeOf } from "../../src/evaluate/harness/score/task-outcome.js";
import { cutAtStops } from "../../src/evaluate/metric/cut-at-stops.js";
import { Dict } from "../../src/text/jinja/values/value.js";
import { choicesText, taskOfText } from "./file-tasks.js";
import { golden } from "./golden.js";

interface ExtractCase {
  response: string;
  gold_answer_field: string;
  strict: string;
  flexible: string;
  exact_match_strict: number;
  exact_match_flexible: number;
}

const { config } = findTask("gsm8k");
const isExactMatch = exactMatcher(config.metrics[0].options);

test("both GSM8K filters extract and score what the harness does", () => {
  const { cases } = golden<{ cases: ExtractCase[] }>("gsm8k_extract");
  expect(cases).toHaveLength(41);
  expect(config.filters.map(({ name }) => name)).toEqual(["strict-match", "flexible-extract"]);
  const filters = config.filters.map((filter) => filterOf(filter, config));
  for (const item of cases) {
    const [strict, flexible] = filters.map((run) => run([item.response]) as string);
    expect({ response: item.response, strict, flexible }).toEqual({
      response: item.response,
      strict: item.strict,
      flexible: item.flexible,
    });
    expect(Number(isExactMatch(strict, item.gold_answer_field)), item.response).toBe(item.exact_match_strict);
    expect(Number(isExactMatch(flexible, item.gold_answer_field)), item.response).toBe(item.exact_match_flexible);
  }
});

test("texts match exactly when the harness says so", () => {
  const { cases } = golden<{ cases: { prediction: string; reference: string; exact_match: number }[] }>("exact_match");
  for (const { prediction, reference, exact_match } of cases) {
    expect(Number(isExactMatch(prediction, reference)), JSON.stringify([prediction, reference])).toBe(exact_match);
  }
  expect(cases).toHaveLength(12);
});

test("a generation is cut at its stop strings", () => {
  const { cases } = golden<{ cases: { generation: string; stop: string[]; expected: string }[] }>("stop_postprocess");
  for (const { generation, stop, expected } of cases) expect(cutAtStops(generation, stop)).toBe(expected);
  expect(cases).toHaveLength(5);
});

test("EOS tokens are stop strings too", () => {
  const { cases } = golden<{ cases: { until: string | string[] | null; eos: string; expected: string[] }[] }>(
    "stop_sequences",
  );
  for (const { until, eos, expected } of cases)
    expect(generationSettings(new Dict([["until", until]]), eos, "t").stops).toEqual(expected);
  expect(cases).toHaveLength(3);
});

interface DecisionCase {
  choices: string[];
  loglikelihoods: (number | "NaN")[];
  gold: number;
  expected: Record<string, number>;
  note: string;
}

const lines = "metric_list: [{ metric: acc }, { metric: acc_norm }, { metric: acc_bytes }]\n";
const choices = taskOfText(choicesText + lines);

test("acc, acc_norm and acc_bytes decide as the harness does", () => {
  const { cases } = golden<{ cases: DecisionCase[] }>("multiple_choice_decision");
  expect(cases).toHaveLength(9);
  for (const { choices: texts, loglikelihoods, gold, expected, note } of cases) {
    const document = {
      id: 0,
      where: "case",
      doc: new Dict(),
      target: gold,
      choices: texts,
      gold: [gold],
      requests: texts.map((text) => ({ kind: "continuation" as const, context: "", continuation: ` ${text}` })),
    };
    const judge = judgeOf({ config: choices, shots: 0, original: 1, documents: [document] });
    const responses = loglikelihoods.map((sum) => ({ logLikelihood: Number(sum), isGreedy: false }));
    const { metrics } = judge.outcome([responses], null);
    expect(Object.fromEntries(metrics.map(({ metric, value }) => [metric, value])), note).toEqual(expected);
  }
});
