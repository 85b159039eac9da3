import { expect, test } from "vitest";
import { fewShotPrefixes, fewShotPrompt } from "../../src/evaluate/task/few-shot.js";
import { isExactMatch, flexibleExtract, strictMatch } from "../../src/evaluate/metric/filters.js";
import { cleanHellaswag } from "../../src/evaluate/task/hellaswag.js";
import { exactMatchItem, multipleChoiceItem } from "../../src/evaluate/task/items.js";
import { decide } from "../../src/evaluate/metric/multiple-choice.js";
import type { DataRecord } from "../../src/evaluate/task/record.js";
import { PythonFloat } from "../../src/text/python-float.js";
import { golden } from "./golden.js";

test("HellaSwag's texts are cleaned as the harness cleans them", () => {
  const { cases } = golden<{ cases: { in: string; expected: string }[] }>("hellaswag_preprocess");
  expect(cases).toHaveLength(15);
  for (const { in: text, expected } of cases) expect(cleanHellaswag(text), text).toBe(expected);
});

test("a HellaSwag record becomes the harness's item", () => {
  const { cases } = golden<{ cases: { doc: { label: string }; query: string; choices: string[]; gold: number }[] }>(
    "hellaswag_process_doc",
  );
  expect(cases).toHaveLength(5);
  for (const { doc, query, choices, gold } of cases) {
    // The recorded documents have one ending each; a label needs its ending here.
    const record = {
      ...doc,
      endings: Array.from({ length: gold + 1 }, () => (doc as unknown as { endings: string[] }).endings[0]),
    };
    const item = multipleChoiceItem(record, "case");
    expect({ ...item, choices: item.choices.slice(0, 1) }).toEqual({ context: query, choices, gold });
  }
});

test("a cleaned HellaSwag record stays as it is", () => {
  const record = { ind: 0, query: "Roof: A man sits. he", endings: ["[x] a", "b"], label: 1 };
  expect(multipleChoiceItem(record, "case")).toEqual({
    context: "Roof: A man sits. he",
    choices: ["[x] a", "b"],
    gold: 1,
  });
});

test("numbers that Python holds as floats are printed as floats, and are labels and indices of their value", () => {
  const two = new PythonFloat(2);
  expect(exactMatchItem({ question: two, answer: new PythonFloat(1e-5) }, "case")).toEqual({
    prompt: "Question: 2.0\nAnswer:",
    answer: "1e-05",
  });
  const arc = { question: "Which?", choices: { text: ["a", two], label: [1, 2] }, answerKey: two };
  expect(multipleChoiceItem(arc, "case")).toMatchObject({ choices: ["a", "2.0"], gold: 1 });
  const labels = { ...arc, choices: { text: ["a", "b"], label: [new PythonFloat(1), two] }, answerKey: "2" };
  expect(multipleChoiceItem(labels, "case").gold).toBe(1);
  const hellaswag = { query: "q", endings: ["a", "b"], label: new PythonFloat(1) };
  expect(multipleChoiceItem(hellaswag, "case").gold).toBe(1);
  expect(exactMatchItem({ question: "q", answer: 2n ** 60n }, "case").answer).toBe("1152921504606846976");
});

test("both layouts of ARC give one item", () => {
  const hub = { question: "Which?", choices: { text: ["a", "b", "c"], label: ["1", "2", "3"] }, answerKey: "3" };
  const choices = [
    { text: "a", label: "1" },
    { text: "b", label: "2" },
    { text: "c", label: "3" },
  ];
  const lines = { question: { stem: "Which?", choices }, answerKey: "3" };
  expect(multipleChoiceItem(hub, "case")).toEqual({
    context: "Question: Which?\nAnswer:",
    choices: ["a", "b", "c"],
    gold: 2,
  });
  expect(multipleChoiceItem(lines, "case")).toEqual(multipleChoiceItem(hub, "case"));
});

interface DecisionCase {
  choices: string[];
  loglikelihoods: (number | "NaN")[];
  gold: number;
  expected: { acc: number; acc_norm: number };
  note: string;
}

test("acc and acc_norm decide as the harness does", () => {
  const { cases } = golden<{ cases: DecisionCase[] }>("multiple_choice_decision");
  expect(cases).toHaveLength(9);
  for (const { choices, loglikelihoods, gold, expected, note } of cases) {
    const taken = decide(choices, loglikelihoods.map(Number));
    expect([Number(taken.acc === gold), Number(taken.acc_norm === gold)], note).toEqual([
      expected.acc,
      expected.acc_norm,
    ]);
  }
});

interface EndToEnd {
  datasets: Record<"arc" | "hellaswag" | "gsm8k", Record<string, DataRecord[]>>;
  cases: { id: string; task: string; fewShot: number | null; samples: RecordedSample[] }[];
}
interface RecordedSample {
  doc_id: number;
  target: number | string;
  arguments: [string, string][];
  resps: unknown[][];
  filter: string;
  filtered_resps: unknown[];
  acc: number;
  acc_norm: number;
  exact_match: number;
}

test("records become the harness's requests, and its responses its scores", () => {
  const { datasets, cases } = golden<EndToEnd>("end_to_end");
  for (const { id, task, fewShot, samples } of cases.filter(({ task }) => task !== "gsm8k")) {
    const data = datasets[task.startsWith("arc") ? "arc" : "hellaswag"];
    const pool = task === "arc_challenge" ? data.train.slice(0, 12) : data.train;
    const prefixes = fewShotPrefixes(pool, fewShot ?? 0, samples.length, { drawExtra: task === "hellaswag" });
    for (const sample of samples) {
      const item = multipleChoiceItem((data.test ?? data.validation)[sample.doc_id], id);
      const examples = prefixes[sample.doc_id].map((record) => multipleChoiceItem(record, id));
      const shown = examples.map(({ context, choices, gold }) => ({ prompt: context, answer: choices[gold] }));
      const prompt = fewShotPrompt(shown, item.context);
      expect(
        item.choices.map((choice) => [prompt, ` ${choice}`]),
        id,
      ).toEqual(sample.arguments);
      expect(item.gold).toBe(sample.target);
      const taken = decide(
        item.choices,
        (sample.filtered_resps as [number, boolean][]).map(([sum]) => sum),
      );
      expect([Number(taken.acc === item.gold), Number(taken.acc_norm === item.gold)]).toEqual([
        sample.acc,
        sample.acc_norm,
      ]);
    }
  }
});

test("GSM8K's records become the harness's prompts, and its responses its scores", () => {
  const {
    datasets: { gsm8k },
    cases,
  } = golden<EndToEnd>("end_to_end");
  const { samples } = cases.find(({ task }) => task === "gsm8k") as EndToEnd["cases"][number];
  const prefixes = fewShotPrefixes(gsm8k.train, 5, 3);
  expect(samples).toHaveLength(6);
  for (const sample of samples) {
    const { prompt, answer } = exactMatchItem(gsm8k.test[sample.doc_id], "case");
    const examples = prefixes[sample.doc_id].map((record) => exactMatchItem(record, "case"));
    expect([fewShotPrompt(examples, prompt), answer]).toEqual([sample.arguments[0][0], sample.target]);
    const filter = sample.filter === "strict-match" ? strictMatch : flexibleExtract;
    const filtered = filter(sample.resps[0][0] as string);
    expect(filtered).toBe(sample.filtered_resps[0]);
    expect(Number(isExactMatch(filtered, answer))).toBe(sample.exact_match);
  }
});

test("a malformed record is refused with its place and field", () => {
  const message = (make: () => unknown) => {
    try {
      make();
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
    return "no error";
  };
  expect(message(() => multipleChoiceItem({ query: "q", endings: ["a", "b"], label: "" }, "h.jsonl:3"))).toBe(
    'EvaluationError: h.jsonl:3 label — expected the index of one of 2 choices, from 0, got "".\n' +
      "  An empty value means that this split has no answers: use the validation split.",
  );
  const arc = { question: "q", choices: { text: ["a", "b"], label: ["A", "B"] }, answerKey: "3" };
  expect(message(() => multipleChoiceItem(arc, "a.jsonl:1"))).toBe(
    'EvaluationError: a.jsonl:1 answerKey — expected one of the labels A, B, got "3".\n' +
      "  Correct or remove this record.",
  );
  expect(message(() => exactMatchItem({ question: "q" }, "g.jsonl:9"))).toBe(
    'EvaluationError: g.jsonl:9 answer — expected the field "answer", got only the field "question".\n' +
      "  Correct this record or use another file.",
  );
  expect(message(() => multipleChoiceItem({ text: "q" }, "x.jsonl:2"))).toBe(
    "EvaluationError: x.jsonl:2 — expected a record of HellaSwag (endings, label), ARC (question, answerKey) or " +
      "{context, choices, gold}, " +
      'got ["text"].\n  Use a file whose records have one of these forms.',
  );
});
