import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { jsonl, prepare, run, toldBy } from "./before-run.js";

const gsm8k = "evaluation=[{name: sums, task: gsm8k, data: set, split: all, fewShot: 0, maxTokens: 4}]";
const arcEasy = "evaluation=[{name: quiz, task: arc_easy, data: set, split: all}]";
const hellaswag = "evaluation=[{name: quiz, task: hellaswag, data: set, split: all}]";
const arc = (
  answerKey: unknown,
  label: readonly unknown[] = ["A", "B"],
  text: readonly unknown[] = ["sea", "wind"],
) => ({
  question: "What is quiet?",
  choices: { text, label },
  answerKey,
});
const told = (records: readonly unknown[], ...overrides: string[]) =>
  toldBy(prepare({ "set.jsonl": jsonl(...records) }, overrides));

describe("a record that its evaluation cannot use is reported by file, record and field before a run", () => {
  test("a missing field, with the fields that the record has", async () => {
    expect(await told([{ question: "1 + 1?", anwser: "2" }], gsm8k)).toBe(
      'EvaluationError: FOLDER/set.jsonl:1 answer — expected the field "answer", got the fields "question", ' +
        '"anwser".\n  Did you mean "anwser"? Rename it in the file, or use another file.',
    );
    expect(await told([{ question: "q", choices: { text: ["a"], label: ["A"] } }], arcEasy)).toBe(
      'EvaluationError: FOLDER/set.jsonl:1 answerKey — expected the field "answerKey", got the fields "question", ' +
        '"choices".\n  Correct this record or use another file.',
    );
    expect(await told([{ question: "q", answerKey: "A" }], arcEasy)).toBe(
      'EvaluationError: FOLDER/set.jsonl:1 choices — expected the field "choices", got the fields "question", ' +
        '"answerKey".\n  Correct this record or use another file.',
    );
  });

  test("an answer that is neither text nor number, or empty", async () => {
    const message = (answer: unknown) =>
      told(
        [
          { question: "q", answer: "1" },
          { question: "q", answer },
        ],
        gsm8k,
      );
    for (const [answer, got] of [
      [true, "true"],
      [null, "null"],
      [[1, 2], "[1,2]"],
      [{ value: 1 }, '{"value":1}'],
    ]) {
      expect(await message(answer)).toBe(
        `EvaluationError: FOLDER/set.jsonl:2 answer — expected a string or a number, got ${String(got)}.\n` +
          "  Correct this record or use another file.",
      );
    }
    expect(await message(" ")).toBe(
      'EvaluationError: FOLDER/set.jsonl:2 answer — expected a reference answer, got " ".\n' +
        "  An empty value means that this split has no answers: use the validation split.",
    );
  });

  test("an answerKey that is no label, or empty; numbers are looked up as text", async () => {
    expect(await told([arc("A"), arc(2)], arcEasy)).toBe(
      'EvaluationError: FOLDER/set.jsonl:2 answerKey — expected one of the labels A, B, got "2".\n' +
        "  Correct this record or use another file.",
    );
    expect(await told([arc("")], arcEasy)).toBe(
      'EvaluationError: FOLDER/set.jsonl:1 answerKey — expected one of the labels A, B, got "".\n' +
        "  An empty value means that this split has no answers: use the validation split.",
    );
    expect(await told([arc(2, ["1", "2"]), arc("2", [1, 2]), arc(1, [1, 2], [10, 20])], arcEasy)).toBe("nothing");
  });

  test("no choices, or as many labels as there are not texts", async () => {
    expect(await told([arc("A", ["A", "B", "C"])], arcEasy)).toBe(
      'EvaluationError: FOLDER/set.jsonl:1 choices — expected a label for each of 2 texts, got ["A","B","C"].\n' +
        "  Correct this record or use another file.",
    );
    expect(await told([arc("A", [], [])], arcEasy)).toBe(
      "EvaluationError: FOLDER/set.jsonl:1 choices text — expected a list of at least one string or number, got [].\n" +
        "  Correct this record or use another file.",
    );
  });

  test("a choice that the tokenizer has no token for, or with more tokens than the model has positions", async () => {
    const model = { type: "BPE", vocab: { l: 0, a: 1, la: 2, "<end>": 3 }, merges: ["l a"] };
    const of = (text: string) => {
      const prepared = prepare({
        "set.jsonl": jsonl(...["a", text].map((other) => arc("A", ["A", "B"], ["la", other]))),
        "tokenizer.json": JSON.stringify({ model }),
        "tokenizer_config.json": JSON.stringify({ eos_token: "<end>" }),
      });
      const tokenizer = `tokenizer={file: ${join(prepared.folder, "tokenizer.json")}}`;
      return toldBy({ ...prepared, overrides: [tokenizer, arcEasy] });
    };
    expect(await of("la")).toBe("nothing");
    expect(await of("?")).toBe(
      'EvaluationError: quiz document 1, FOLDER/set.jsonl:2 (the choice " ?") — expected at least one token, ' +
        "got none.\n  Remove items with an empty choice.",
    );
    expect(await of("la".repeat(65))).toBe(
      "EvaluationError: quiz document 1, FOLDER/set.jsonl:2 — expected a choice of at most 64 tokens, the model's " +
        "max_position_embeddings, got 65.\n  Remove this document or use a model with more positions.",
    );
  });

  test("a HellaSwag label outside the endings, or of a split without labels", async () => {
    const record = (label: unknown, endings: unknown = ["a", "b"]) => [
      { question: "q", query: "A man sits. he", endings, label },
    ];
    for (const [label, got] of [
      [2, '"2"'],
      ["", '""'],
      [true, "true"],
      [0.5, '"0.5"'],
      [-1, '"-1"'],
    ]) {
      expect(await told(record(label), hellaswag)).toBe(
        "EvaluationError: FOLDER/set.jsonl:1 label — expected the index of one of 2 choices, from 0, " +
          `got ${String(got)}.\n` +
          "  An empty value means that this split has no answers: use the validation split.",
      );
    }
    expect(await told(record(1, "['a', 'b']"), hellaswag)).toBe(
      "EvaluationError: FOLDER/set.jsonl:1 endings — expected a list of at least one text, got " +
        "\"['a', 'b']\".\n  Correct this record or use another file.",
    );
    expect(await told([...record("1"), ...record(0)], hellaswag)).toBe("nothing");
  });

  test("too few solved examples, no held-out document, and an answer that fills the model", async () => {
    const records = [{ question: "q", answer: "1" }];
    const task = (more: string) => `evaluation=[{name: sums, task: gsm8k, data: set, ${more}}]`;
    expect(await told(records, task("split: all, fewShot: 2, fewShotData: set, maxTokens: 4"))).toBe(
      "EvaluationError: few-shot examples of sums — expected at least 2 documents to draw from, got 1.\n" +
        "  Ask for fewer examples, or give more documents that they are drawn from.",
    );
    expect(await told(records, task("fewShot: 0, maxTokens: 4"))).toBe(
      "EvaluationError: evaluation task sums — expected held-out documents (holdOut: 0.02), got none.\n" +
        "  Use a larger data set, raise `holdOut`, or write `split: all`.",
    );
    expect(await told(records, task("split: all, fewShot: 0, maxTokens: 64"))).toBe(
      "Note: Answers of task sums have at most 32 tokens, not 64: the model has 64 positions",
    );
  });
});

describe("a record that cannot be trained on is reported before a run", () => {
  test("without the field of `field`, `template`, `prompt` or `completion`, or with another type", async () => {
    const missing = (name: string) =>
      `CorpusError: FOLDER/set.jsonl:1 — expected the field "${name}", got only the field "text".\n` +
      "  Name one of its fields in `field` or `template`.";
    const of = (set: string, record: unknown = { text: "a" }) => {
      const prepared = prepare({ "set.jsonl": jsonl(record) });
      const data = `data.set={files: ${join(prepared.folder, "set.jsonl")}, ${set}}`;
      return toldBy({ ...prepared, overrides: [data, "training.data=[stories, set]"] });
    };
    expect(await of("field: body")).toBe(missing("body"));
    expect(await of("template: '{text} {body}'")).toBe(missing("body"));
    expect(await of("prompt: '{text}', completion: ' {body}'")).toBe(missing("body"));
    expect(await of("prompt: '{body}', completion: ' {text}'")).toBe(missing("body"));
    expect(await of("field: text", { text: 3 })).toBe(
      'CorpusError: FOLDER/set.jsonl:1 — expected a string in the field "text", got 3.\n' +
        "  Correct or remove this record, or name another field.",
    );
    expect(await of("field: text, limit: { documents: 1 }")).toBe("nothing");
  });
});

test("every file is read, compressed ones too, unless a limit may end before it", async () => {
  const good = jsonl({ question: "q", text: "a" });
  const bad = gzipSync(jsonl({ question: "q" }));
  const of = (more: string) => {
    const prepared = prepare({ "set.0.jsonl": good, "set.1.jsonl.gz": bad });
    const files = join(prepared.folder, "set.*");
    return toldBy({
      ...prepared,
      overrides: [`data.set={files: '${files}', field: text, ${more}}`, "training.data=[stories, set]"],
    });
  };
  expect(await of("maxBadRecords: 0")).toBe(
    'CorpusError: FOLDER/set.1.jsonl.gz:1 — expected the field "text", got only the field "question".\n' +
      "  Name one of its fields in `field` or `template`.",
  );
  expect(await of("maxBadRecords: 1")).toBe("nothing");
  expect(await of("limit: { documents: 1 }")).toBe("nothing");
});

test("as many bad records as maxBadRecords allows are no mistake, unless all records are bad", async () => {
  const records = [{ question: "q", answer: "1" }, { question: "q" }];
  const allow = (count: number) => `data.set.maxBadRecords=${count}`;
  expect(await told(records, gsm8k, allow(1))).toBe("nothing");
  expect(await told([...records, { question: "q" }], gsm8k, allow(1))).toMatch(
    /^CorpusError: FOLDER\/set\.jsonl:3 answer — expected at most 1 bad record, got one more: /,
  );
  expect(await told([{ question: "q" }], gsm8k, allow(5))).toMatch(
    /^EvaluationError: FOLDER\/set\.jsonl:1 answer — expected the field "answer", /,
  );
});

test("a task reads only the items that it uses", async () => {
  const records = [{ question: "q", answer: "1" }, { question: "q", answer: "2" }, { question: "q" }];
  const limited = (items: number) => gsm8k.replace("maxTokens: 4", `maxTokens: 4, limit: ${items}`);
  expect(await told(records, limited(2))).toBe("nothing");
  expect(await told(records, limited(3))).toMatch(/set\.jsonl:3 answer — expected the field "answer"/);
});

test("the program says so before any job starts, in plan and in run", async () => {
  const prepared = prepare({ "set.jsonl": jsonl(arc("3")) }, [arcEasy]);
  const message =
    'EvaluationError: FOLDER/set.jsonl:1 answerKey — expected one of the labels A, B, got "3".\n' +
    "  Correct this record or use another file.";
  expect(await toldBy(prepared)).toBe(message);
  expect(await run(prepared)).toEqual({ code: 1, message: `${message}\n`, kinds: [] });
});

test("numbers as answers and keys are read as text, as by lm-evaluation-harness", async () => {
  const prepared = prepare({ "set.jsonl": jsonl({ question: "How many?", answer: 7 }) }, [gsm8k]);
  expect(await run(prepared)).toMatchObject({ code: 0, message: "" });
});
