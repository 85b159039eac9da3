import { join } from "node:path";
import { expect, test } from "vitest";
import { readDocuments } from "../../src/corpus/documents/documents.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { evaluate } from "../../src/evaluate/evaluate.js";
import { accuracy } from "../../src/evaluate/metric/statistics.js";
import { encodePrompt } from "../../src/evaluate/request/encode.js";
import { continuationRequest } from "../../src/evaluate/request/requests.js";
import { scoreRequests, type RequestScore } from "../../src/evaluate/request/score-requests.js";
import type { TaskKind, TaskKindTable, TaskSource } from "../../src/evaluate/task/task-kind.js";
import { taskKinds } from "../../src/evaluate/task/task-kinds.js";
import type { Task } from "../../src/evaluate/task/task.js";
import { generate } from "../../src/model/inference/generate.js";
import { loadModel } from "../../src/model/model.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { recipeSchema } from "../../src/recipe/schema/recipe.js";
import { columns, metricLabel } from "../../src/report/columns.js";
import type { Tokenizer } from "../../src/tokenizer/tokenizer.js";

const model = loadModel(
  createReferenceDevice("f32"),
  openModelFolder(join(import.meta.dirname, "../golden/pico-llama/untied")),
  null,
);

/** The pico model knows few tokens: a byte is one of them, modulo their number. */
const tokenizer: Tokenizer = {
  vocabSize: model.config.vocabSize,
  bosId: 1,
  eosIds: [2],
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

/** What someone who adds a kind of task writes: one object, and one line in the table. */
const firstTokenKind: TaskKind<FirstTokenTask, "first", { readonly isFirst: boolean }, RequestScore> = {
  name: "first-token",
  metrics: {
    first: { label: "first token", heading: "first", unit: "share of items", higherIsBetter: true, restates: null },
  },
  primary: "first",
  progressUnit: "questions",
  note: "First token: whether the likeliest token after the question begins the answer.",
  async load({ name, items }) {
    const read = await items(({ parts: [question, answer] }) => ({ question, answer }));
    return { name, kind: "first-token", items: read };
  },
  async score({ name, items }, scoring) {
    const pieces = items.map(({ question, answer }) => {
      const ids = encodePrompt(scoring.tokenizer, question, scoring.addBos);
      return continuationRequest(ids, scoring.tokenizer.encode(answer).slice(0, 1), scoring.maxPositions);
    });
    const scores = await scoreRequests(
      pieces.map((piece) => [piece]),
      scoring,
    );
    return {
      metrics: { first: accuracy(scores.map(({ isGreedy }) => Number(isGreedy))) },
      samples: scores.map(({ isGreedy }, doc) => ({ task: name, doc, isFirst: isGreedy })),
    };
  },
};
const kinds = { ...taskKinds, [firstTokenKind.name]: firstTokenKind } as const;

/** Made-up sums as questions and answers. */
const source: TaskSource = {
  name: "sums",
  fewShot: 0,
  maxTokens: 0,
  lossOn: "all",
  tokenizer,
  openChat: null,
  async items(itemOf) {
    const text = { prompt: "{question}", completion: "{answer}" };
    const items = [];
    for await (const document of readDocuments({ synthetic: "problems", documents: 40, seed: 3, text }))
      items.push(itemOf(document));
    return items;
  },
  examples: () => Promise.resolve([]),
};

/** The likeliest token after each question, from a generation. */
async function likeliest(task: FirstTokenTask): Promise<number[]> {
  const prompts = task.items.map(({ question }) => encodePrompt(tokenizer, question, true));
  const room = model.config.maxPositions - 1;
  const options = { maxTokens: 1, temperature: 0, seed: 0, stop: () => true };
  const answers = await generate(
    model,
    prompts.map((ids) => ids.slice(-room)),
    options,
  );
  return answers.map(([token]) => token);
}

test("a kind that is one object and one line of the table is loaded and scored beside the others", async () => {
  const loaded = await kinds["first-token"].load(source);
  const tokens = await likeliest(loaded);
  // Every other answer is made to begin with the likeliest token.
  const items = loaded.items.map((item, doc) =>
    doc % 2 ? item : { ...item, answer: String.fromCharCode(tokens[doc]) },
  );
  const task = { ...loaded, items };
  const loss = await kinds.loss.load({ ...source, name: "loss" });
  const progress: string[] = [];
  const { scores, samples } = await evaluate({
    model,
    tokenizer,
    kinds,
    tasks: [loss, task],
    sequenceLength: 16,
    addBos: true,
    onProgress: (done, total, name, unit) => void progress.push(`${name} ${done}/${total} ${unit}`),
  });
  expect(scores.map(({ task: name, kind }) => [name, kind])).toEqual([
    ["loss", "loss"],
    ["sums", "first-token"],
  ]);
  const isFirst = items.map(({ answer }, doc) => tokenizer.encode(answer)[0] === tokens[doc]);
  expect(isFirst.filter(Boolean).length).toBeGreaterThanOrEqual(20);
  expect(samples.slice(40)).toEqual(isFirst.map((right, doc) => ({ task: "sums", doc, isFirst: right })));
  const value = isFirst.filter(Boolean).length / 40;
  expect(scores[1].metrics).toEqual({
    first: { value, standardError: expect.any(Number), higherIsBetter: true, count: 40 },
  });
  expect(progress.at(-1)).toBe("sums 40/40 questions");
});

test("every kind's primary metric is one of its metrics, and what a metric restates is another of them", () => {
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

test("the recipe takes the kinds of the table and no other", () => {
  const parse = (kind: string) => recipeSchema.shape.evaluation.safeParse([{ name: "a", kind, data: "b" }]);
  for (const kind of Object.keys(taskKinds)) expect(parse(kind).success, kind).toBe(true);
  expect(parse("first-token").error?.issues[0].message).toBe("loss, multiple-choice or exact-match");
});
