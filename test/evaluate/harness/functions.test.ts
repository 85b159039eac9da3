import { expect, test } from "vitest";
import { taskFunctions } from "../../../src/evaluate/harness/functions/task-functions.js";
import type { TaskFunction } from "../../../src/evaluate/harness/functions/task-function.js";
import { fromJson } from "../../../src/text/jinja/from-json.js";
import { Tuple, type Dict, type Value } from "../../../src/text/jinja/values/value.js";
import { PythonFloat } from "../../../src/text/python-float.js";
import { golden } from "../golden.js";
import wikitext from "./wikitext.json" with { type: "json" };

const recorded = (name: string) => golden<{ readonly cases: readonly Record<string, never>[] }>(name).cases;

function run<Kind extends TaskFunction["kind"]>(name: string, kind: Kind) {
  const found = taskFunctions[name];
  expect(found.kind).toBe(kind);
  return found.run as Extract<TaskFunction, { kind: Kind }>["run"];
}

const dict = (record: unknown) => fromJson(record) as Dict;
const columns = (doc: Dict) => Object.fromEntries(doc.items()) as Record<string, Value>;

const record = { activity_label: "A", ctx_a: "b", ctx_b: "c", endings: ["x", "y"], label: "1" };

test("hellaswag.process_docs cleans texts as recorded", () => {
  const clean = (text: string) =>
    columns(run("hellaswag.process_docs", "document")(dict({ ...record, endings: [text, "y"] }))).choices;
  for (const { in: text, expected } of recorded("hellaswag_preprocess")) expect(clean(text)).toEqual([expected, "y"]);
});

test("hellaswag.process_docs adds its columns after the document's own", () => {
  for (const { doc, query, choices, gold } of recorded("hellaswag_process_doc")) {
    const processed = columns(run("hellaswag.process_docs", "document")(dict(doc)));
    expect(Object.entries(processed)).toEqual(Object.entries({ ...(doc as object), query, choices, gold }));
  }
});

test("hellaswag.process_docs keeps texts that are clean already", () => {
  const doc = { ind: 4, query: "A: [b]  c", endings: ["[x] ", "y"], label: "0" };
  const processed = columns(run("hellaswag.process_docs", "document")(dict(doc)));
  expect(processed).toEqual({ ...doc, choices: doc.endings, gold: 0 });
});

test.each([
  [{ ...record, label: "" }, /hellaswag.process_docs label — expected the index of an ending, got "".*\n.*validation/],
  [{ ...record, endings: ["x", null] }, /endings — expected a list of texts, got \['x', None\]/],
  [{ ...record, ctx_b: null }, /ctx_b — expected a text, got None/],
  [{ activity: "A", ctx_a: "b" }, /a column "activity_label", got only activity, ctx_a/],
])("hellaswag.process_docs refuses %j", (doc, message) => {
  expect(() => run("hellaswag.process_docs", "document")(dict(doc))).toThrow(message);
});

test("wikitext.wikitext_detokenizer as recorded", () => {
  for (const { in: page, expected } of wikitext.wikitext_detokenizer.cases)
    expect(run("wikitext.wikitext_detokenizer", "value")(dict({ page }))).toBe(expected);
});

test("wikitext.process_results counts words and bytes of the page as recorded", () => {
  const loglikelihood = new PythonFloat(-2.5);
  for (const { page, words, bytes } of wikitext.wikitext_counts.cases)
    expect(run("wikitext.process_results", "results")(dict({ page }), [loglikelihood])).toEqual([
      ["word_perplexity", new Tuple([loglikelihood, words])],
      ["byte_perplexity", new Tuple([loglikelihood, bytes])],
      ["bits_per_byte", new Tuple([loglikelihood, bytes])],
    ]);
  expect(() => run("wikitext.process_results", "results")(dict({ text: "" }), [loglikelihood])).toThrow(
    /process_results page — expected a column "page", got only text/,
  );
});

test("winogrande's contexts are its choices", () => {
  const doc = dict({ sentence: "Ann gave _ to _ . ", option1: "it", option2: "them", answer: "2" });
  expect(run("winogrande.doc_to_text", "value")(doc)).toBe(1);
  expect(run("winogrande.doc_to_choice", "value")(doc)).toEqual(["Ann gave it", "Ann gave them"]);
  expect(run("winogrande.doc_to_target", "value")(doc)).toBe("to _ .");
});

test.each([
  ["doc_to_text", { answer: "" }, /winogrande.doc_to_text answer — expected the answer "1" or "2", got ""/],
  ["doc_to_target", { sentence: "none" }, /sentence — expected a sentence with a blank _, got "none"/],
  ["doc_to_choice", { sentence: "a _", option1: "x" }, /a column "option2", got only sentence, option1.\n.*option1/],
])("winogrande.%s refuses %j", (name, doc, message) => {
  expect(() => run(`winogrande.${name}`, "value")(dict(doc))).toThrow(message);
});
