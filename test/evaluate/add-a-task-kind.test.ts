import { join } from "node:path";
import { expect, test } from "vitest";
import { readDocuments, type Document } from "../../src/corpus/documents/documents.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { evaluate } from "../../src/evaluate/evaluate.js";
import { accuracy } from "../../src/evaluate/metric/statistics.js";
import { encodePrompt } from "../../src/evaluate/request/encode.js";
import { continuationRequest } from "../../src/evaluate/request/requests.js";
import { scoreRequests, type RequestScore } from "../../src/evaluate/request/score-requests.js";
import type { RecipeKeys } from "../../src/evaluate/task/recipe-keys.js";
import type { TaskKind, TaskKindTable, TaskSource } from "../../src/evaluate/task/task-kind.js";
import { taskKinds } from "../../src/evaluate/task/task-kinds.js";
import type { Task } from "../../src/evaluate/task/task.js";
import { generate } from "../../src/model/inference/generate.js";
import { loadModel } from "../../src/model/model.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { evaluationIssues, taskDatasetKeys } from "../../src/recipe/checks/evaluation-checks.js";
import { taskSchema } from "../../src/recipe/schema/evaluation.js";
import { recipeSchema } from "../../src/recipe/schema/recipe.js";
import { columns, metricLabel } from "../../src/report/columns.js";
import { taskParameters } from "../../src/run/graph/evaluation-jobs.js";
import type { DataParameters } from "../../src/run/kinds/data.js";
import type { Tokenizer } from "../../src/tokenizer/tokenizer.js";

const model = loadModel(
  createReferenceDevice("f32"),
  openModelFolder(join(import.meta.dirname, "../golden/pico-llama/untied")),
  null,
);

/** The pico model has a small vocabulary: a token is a byte modulo its size. */
const tokenizer: Tokenizer = {
  vocabSize: model.config.vocabSize,
  bosId: 1,
  eosIds: [2],
  prefix: [1],
  encode: (text) => [...Buffer.from(text)].map((byte) => byte % model.config.vocabSize),
  append: (text, ids) => ids.append(tokenizer.encode(text)),
  decode: (ids) => ids.map((id) => `<${id}>`).join(""),
  startDecoding: () => ({ push: (id) => `<${id}>`, end: () => "" }),
  isSpecial: () => false,
};

interface FirstTokenTask extends Task {
  readonly kind: "first-token";
  readonly items: readonly { readonly question: string; readonly answer: string }[];
}

const recipeKeys = {
  questions: { type: "limit", description: "Use the first questions only; `null`: all." },
  skip: { type: "whole", description: "Number of questions to leave out at the start.", minimum: 0, default: 1 },
  others: { type: "dataset", description: "Data set of more questions.", requiredBy: "skip" },
} as const satisfies RecipeKeys;

const itemOf = ({ parts: [question, answer] }: Document) => ({ question, answer });

/** All that a new kind of task needs: one object, and one line in the table. */
const firstTokenKind: TaskKind<
  FirstTokenTask,
  "first",
  { readonly isFirst: boolean },
  RequestScore,
  typeof recipeKeys
> = {
  name: "first-token",
  description: "Share of questions whose answer begins with the most likely token.",
  recipeKeys,
  synthetic: "problems",
  metrics: {
    first: { label: "first token", heading: "first", unit: "share of items", higherIsBetter: true, restates: null },
  },
  primary: "first",
  progressUnit: "questions",
  note: "First token: whether the answer begins with the most likely token after the question.",
  rendersChat: false,
  itemOf: { data: itemOf, others: itemOf },
  async load({ name, values, items, itemsOf }) {
    const read = [...(await items(itemOf)).slice(values.skip), ...(await itemsOf("others", itemOf))];
    return { name, kind: "first-token", items: read };
  },
  async score({ name, items }, scoring) {
    const requests = items.map(({ question, answer }) => {
      const ids = encodePrompt(scoring.tokenizer, question, scoring.prefix);
      return continuationRequest(ids, scoring.tokenizer.encode(answer).slice(0, 1), scoring.maxPositions);
    });
    const scores = await scoreRequests(
      requests.map((request) => [request]),
      scoring,
    );
    return {
      metrics: { first: accuracy(scores.map(({ isGreedy }) => Number(isGreedy))) },
      samples: scores.map(({ isGreedy }, doc) => ({ task: name, doc, isFirst: isGreedy })),
    };
  },
};
const kinds = { ...taskKinds, [firstTokenKind.name]: firstTokenKind } as const;

/** Synthetic sums as questions and answers. */
async function sums<Item>(seed: number, itemOf: (document: Document) => Item): Promise<Item[]> {
  const text = { prompt: "{question}", completion: "{answer}" };
  const items = [];
  for await (const document of readDocuments({ synthetic: "problems", documents: 25, seed, text }))
    items.push(itemOf(document));
  return items;
}

const source: TaskSource<typeof recipeKeys> = {
  name: "sums",
  values: { skip: 10 },
  lossOn: "all",
  tokenizer,
  openChat: null,
  items: (itemOf) => sums(3, itemOf),
  itemsOf: (key, itemOf) => sums(key === "others" ? 4 : 5, itemOf),
};

/** The most likely token after each question, from a generation. */
async function mostLikely(task: FirstTokenTask): Promise<number[]> {
  const prompts = task.items.map(({ question }) => encodePrompt(tokenizer, question, [1]));
  const room = model.config.maxPositions - 1;
  const options = { maxTokens: 1, temperature: 0, seed: 0, stop: () => true };
  const answers = await generate(
    model,
    prompts.map((ids) => ids.slice(-room)),
    options,
  );
  return answers.map(([token]) => token);
}

test("a new kind, one object and one line of the table, is loaded and scored together with the others", async () => {
  const loaded = await kinds["first-token"].load(source);
  const tokens = await mostLikely(loaded);
  // Every other answer is changed to begin with the most likely token.
  const items = loaded.items.map((item, doc) =>
    doc % 2 ? item : { ...item, answer: String.fromCharCode(tokens[doc]) },
  );
  const task = { ...loaded, items };
  const loss = await kinds.loss.load({ ...source, name: "loss" });
  const progress: string[] = [];
  expect(loaded.items).toHaveLength(15 + 25);
  const { scores, samples } = await evaluate({
    model,
    tokenizer,
    kinds,
    tasks: [loss, task],
    sequenceLength: 16,
    prefix: [1],
    onProgress: (done, total, name, unit) => void progress.push(`${name} ${done}/${total} ${unit}`),
  });
  expect(scores.map(({ task: name, kind }) => [name, kind])).toEqual([
    ["loss", "loss"],
    ["sums", "first-token"],
  ]);
  const isFirst = items.map(({ answer }, doc) => tokenizer.encode(answer)[0] === tokens[doc]);
  expect(isFirst.filter(Boolean).length).toBeGreaterThanOrEqual(20);
  expect(samples.slice(25)).toEqual(isFirst.map((right, doc) => ({ task: "sums", doc, isFirst: right })));
  const value = isFirst.filter(Boolean).length / 40;
  expect(scores[1].metrics).toEqual({
    first: { value, standardError: expect.any(Number), higherIsBetter: true, count: 40 },
  });
  expect(progress.at(-1)).toBe("sums 40/40 questions");
});

test("the primary metric of a kind is one of its metrics, and a metric restates another metric of its kind", () => {
  for (const [name, kind] of Object.entries(taskKinds as TaskKindTable)) {
    expect(kind.name).toBe(name);
    expect(Object.keys(kind.metrics)).toContain(kind.primary);
    for (const [metric, { restates }] of Object.entries(kind.metrics))
      if (restates !== null) expect(Object.keys(kind.metrics).filter((other) => other !== metric)).toContain(restates);
  }
});

test("a report has a column for each metric of a kind, labelled as the kind says", () => {
  for (const kind of Object.values(taskKinds)) {
    const names = Object.keys(kind.metrics);
    const metric = { value: 0.5, standardError: null, higherIsBetter: true, count: 1 };
    const metrics = Object.fromEntries(names.map((name) => [name, metric]));
    const found = columns({ strategies: [{ scores: [{ task: "t", kind: kind.name, metrics, seconds: 1 }] }] });
    expect(found.map((column) => column.metric)).toEqual(names);
    expect(found.filter(({ primary }) => primary).map((column) => column.metric)).toEqual([kind.primary]);
    expect(found.map(metricLabel)).toEqual(Object.values(kind.metrics).map(({ label }) => label));
  }
});

test("the recipe accepts the kinds of the table and no other", () => {
  const parse = (kind: string) => recipeSchema.shape.evaluation.safeParse([{ name: "a", kind, data: "b" }]);
  for (const kind of Object.keys(taskKinds)) expect(parse(kind).success, kind).toBe(true);
  expect(parse("first-token").error?.issues[0].message).toBe("loss, multiple-choice or exact-match");
});

test("the recipe accepts the keys that a kind declares, with their defaults and limits", () => {
  const schema = taskSchema(kinds);
  const parse = (keys: object) => schema.safeParse({ name: "a", kind: "first-token", data: "b", ...keys });
  const written = { name: "a", kind: "first-token", data: "b", split: "validation" };
  expect(parse({}).data).toEqual({ ...written, questions: null, skip: 1, others: null });
  const all = { ...written, split: "all", questions: 7, skip: 0, others: "c" };
  expect(parse(all).data).toEqual(all);
  const messageOf = (keys: object) => parse(keys).error?.issues.map(({ message }) => message);
  expect(messageOf({ skip: -1 })).toEqual(["a whole number of at least 0"]);
  expect(messageOf({ questions: 0 })).toEqual(["a whole number of at least 1 or null"]);
  expect(messageOf({ others: "" })).toEqual(["the name of a data set or null"]);
  expect(messageOf({ fewShot: 1 })).toEqual(['Unrecognized key: "fewShot"']);
  expect(messageOf({ kind: "last-token" })).toEqual(["loss, multiple-choice, exact-match or first-token"]);
});

test("a kind's keys reach its job, with data sets in place of their names", () => {
  const sets = new Map(["b", "c"].map((name) => [name, { maxBadRecords: name.length } as DataParameters]));
  const task = { name: "a", kind: "first-token", data: "b", split: "all", questions: 7, skip: 2, others: "c" } as const;
  expect(taskParameters(task, sets, kinds)).toMatchObject({
    name: "a",
    kind: "first-token",
    data: sets.get("b"),
    split: "all",
    items: 7,
    skip: 2,
    others: sets.get("c"),
  });
});

test("the recipe's checks follow from what a kind declares", () => {
  expect(taskDatasetKeys(kinds)).toEqual(["data", "fewShotData", "others"]);
  const issuesOf = (keys: object) => {
    const task = { name: "a", kind: "first-token", data: "b", ...keys };
    const data = { b: { synthetic: "choices", documents: 9 }, c: { synthetic: "problems", documents: 9 } };
    return evaluationIssues({ data, evaluation: [task] }, kinds);
  };
  expect(issuesOf({ data: "c" })).toEqual([]);
  expect(issuesOf({ skip: 0 })).toMatchObject([
    { path: ["evaluation", 0, "data"], expected: "data with problems for first-token", got: '"b"' },
  ]);
  expect(issuesOf({ data: "c", skip: 2 })).toEqual([
    {
      path: ["evaluation", 0, "others"],
      atKey: false,
      expected: "the name of a data set",
      got: "nothing",
      hint: "Data set of more questions. Name one, or set `skip: 0`.",
    },
  ]);
  expect(issuesOf({ data: "c", skip: 2, others: "b" })).toEqual([]);
});
