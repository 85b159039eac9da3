import { expect, test } from "vitest";
import {
  cutAtStops,
  flexibleExtract,
  isExactMatch,
  stopStrings,
  strictMatch,
} from "../../src/evaluate/metric/filters.js";
import { golden } from "./golden.js";

interface ExtractCase {
  response: string;
  gold_answer_field: string;
  strict: string;
  flexible: string;
  exact_match_strict: number;
  exact_match_flexible: number;
}

test("both GSM8K filters extract and score what the harness does", () => {
  const { cases } = golden<{ cases: ExtractCase[] }>("gsm8k_extract");
  expect(cases).toHaveLength(41);
  for (const item of cases) {
    const strict = strictMatch(item.response);
    const flexible = flexibleExtract(item.response);
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
  for (const { until, eos, expected } of cases) expect(stopStrings([until ?? []].flat(), [eos])).toEqual(expected);
  expect(cases).toHaveLength(3);
});
