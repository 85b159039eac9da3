import { readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { encodeChatForLoss, encodePartsForLoss } from "../../src/evaluate/request/encode-loss.js";
import { evaluate, type EvaluateOptions, type EvaluationTask } from "../../src/evaluate/evaluate.js";
import { deviations } from "../../src/evaluate/metric/ratio.js";
import { openScoreJournal } from "../../src/evaluate/output/score-journal.js";
import type { TaskKind } from "../../src/evaluate/task/task-kind.js";
import { taskKinds } from "../../src/evaluate/task/task-kinds.js";
import { plainLlama } from "../../src/model/config/architecture.js";
import { writeInitialModel } from "../../src/model/files/initialize.js";
import { loadModel, type Model } from "../../src/model/model.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { createScorer } from "../../src/model/inference/score.js";
import type { RenderChat } from "../../src/tokenizer/chat/chat-template.js";
import { temporaryFolder } from "../temporary-folder.js";
import { bytes } from "./byte-tokenizer.js";

const config = {
  ...plainLlama,
  vocabSize: 258,
  hiddenSize: 16,
  layers: 2,
  attentionHeads: 4,
  keyValueHeads: 2,
  headDim: 4,
  intermediateSize: 24,
  rmsNormEps: 1e-5,
  ropeTheta: 10000,
  tieWordEmbeddings: true,
  maxPositions: 96,
  bosId: 256,
  eosIds: [257],
};

const documents = [
  "a",
  "The cat sat on the mat.",
  "",
  "One document that is longer than a window of sixteen positions.",
  "xyz é",
];
const loss: EvaluationTask = {
  name: "loss",
  kind: "loss",
  documents: documents.map((text) => encodePartsForLoss(bytes, [text], "all")),
};
const choices: EvaluationTask = {
  name: "choices",
  kind: "multiple-choice",
  items: [
    { context: "Question: up?\nAnswer:", choices: ["yes", "no, it is down", "é"], gold: 1 },
    { context: "A context that has some more words in it than the others have", choices: ["one", "two"], gold: 0 },
    { context: "", choices: ["a", "bb", "ccc", "dddd"], gold: 3 },
  ],
};
const problems: EvaluationTask = {
  name: "problems",
  kind: "exact-match",
  maxTokens: 12,
  items: ["1+1", "a longer question about 5 apples", "2"].map((text) => ({
    prompt: `Question: ${text}\nAnswer:`,
    answer: "#### 2",
  })),
};

let model: Model;

/** Random weights, fifteen times as large as usual, so that the context affects the predictions. */
beforeAll(async () => {
  const folder = join(temporaryFolder(), "model");
  await writeInitialModel(folder, config, 1);
  const device = createReferenceDevice("f32");
  model = loadModel(device, openModelFolder(folder), { first: 0, end: config.layers, embeddings: true });
  for (const [name, weight] of model.weights) {
    if (name.includes("norm")) continue;
    device.write(
      weight,
      Float32Array.from(await device.read(weight), (value) => 15 * value),
    );
  }
});

function run(tasks: EvaluationTask[], options: Partial<EvaluateOptions> = {}) {
  return evaluate({ model, tokenizer: bytes, tasks, sequenceLength: 16, prefix: [256], ...options });
}

/** Σ log p of the last `count` tokens, in a separate forward pass. */
async function alone(ids: number[], count: number): Promise<number> {
  const T = ids.length - 1;
  const targets = Int32Array.from({ length: T }, (_, i) => (i >= T - count ? ids[i + 1] : -1));
  const positions = Int32Array.from(targets, (_, i) => i);
  const groups = [{ start: 0, prefix: T, continuations: [] }];
  const batch = { ids: Int32Array.from(ids.slice(0, -1)), positions, groups, rows: positions, targets };
  const { losses } = await createScorer(model, T).score(batch);
  return -losses.reduce((sum, value) => sum + value, 0);
}

test("a loss on completions counts the tokens of completions only, each after its prompt", async () => {
  const pairs = [
    ["Question: up?\nAnswer:", " no"],
    ["A question that fills more than one window of sixteen", ", and an answer of more than one as well"],
  ];
  const answers: EvaluationTask = {
    name: "answers",
    kind: "loss",
    documents: pairs.map((parts) => encodePartsForLoss(bytes, parts, "completions")),
  };
  const { scores, samples } = await run([answers], { sequenceLength: 96 });
  const expected = await Promise.all(
    pairs.map(([question, answer]) => alone([256, ...Buffer.from(question + answer)], answer.length)),
  );
  expect(samples).toEqual(
    pairs.map(([, answer], doc) => ({
      task: "answers",
      doc,
      logLikelihood: expect.closeTo(expected[doc], 3),
      tokens: answer.length,
    })),
  );
  const { count, value } = scores[0].metrics.loss;
  expect(count).toBe(pairs[0][1].length + pairs[1][1].length);
  expect(Math.abs(value + (expected[0] + expected[1]) / count)).toBeLessThan(1e-5 * value);
  const windows = await run([answers]);
  expect(windows.scores[0].metrics.loss.count).toBe(count);
});

test("a loss on a conversation counts the assistant's turns with their ends, after all earlier turns", async () => {
  const messages = [
    ["user", "up?"],
    ["assistant", "no"],
    ["user", "and down?"],
    ["assistant", "yes, that"],
  ].map(([role, content]) => ({ role, content }));
  const render: RenderChat = (turns, { addGenerationPrompt = false } = {}) =>
    turns.map(({ role, content }) => `${role}: ${String(content)};`).join("") +
    (addGenerationPrompt ? "assistant: " : "");
  const task = (lossOn: "all" | "completions"): EvaluationTask => ({
    name: "chat",
    kind: "loss",
    documents: [encodeChatForLoss(bytes, render, messages, lossOn)],
  });
  const ids = [256, ...Buffer.from(render(messages))];
  const first = ids.length - Buffer.from(render(messages.slice(2))).length;
  const expected = (await alone(ids.slice(0, first), "no;".length)) + (await alone(ids, "yes, that;".length));
  const { samples } = await run([task("completions")], { sequenceLength: 96 });
  expect(samples).toEqual([
    { task: "chat", doc: 0, logLikelihood: expect.closeTo(expected, 3), tokens: "no;yes, that;".length },
  ]);
  expect((await run([task("all")], { sequenceLength: 96 })).scores[0].metrics.loss.count).toBe(ids.length - 1);
});

test("the loss of a data set is the token-weighted mean of its documents, for any batch size", async () => {
  const { scores, samples } = await run([loss], { sequenceLength: 96 });
  const { value, count } = scores[0].metrics.loss;
  const counts = documents.map((text) => Buffer.byteLength(text));
  expect(count).toBe(counts.reduce((a, b) => a + b));
  let sum = 0;
  for (const [doc, text] of documents.entries()) {
    const expected = counts[doc] ? await alone([256, ...Buffer.from(text)], counts[doc]) : 0;
    expect(samples[doc]).toEqual({
      task: "loss",
      doc,
      logLikelihood: expect.closeTo(expected, 3),
      tokens: counts[doc],
    });
    sum -= expected;
  }
  expect(Math.abs(value - sum / count)).toBeLessThan(1e-5 * value);
  expect(scores[0].metrics.perplexity.value).toBe(Math.exp(value));
  for (const maxRows of [1, 100, 192]) {
    const other = (await run([loss], { sequenceLength: 96, maxRows })).scores[0].metrics.loss;
    expect(Math.abs(other.value - value)).toBeLessThan(1e-5 * value);
  }
  const short = (await run([loss])).scores[0].metrics.loss;
  expect(short.count).toBe(count);
  expect(Math.abs(short.value - value)).toBeGreaterThan(1e-3 * value); // a shorter window sees less
});

test("each choice scores as if it were alone, with and without BOS", async () => {
  for (const front of [[256], []]) {
    const { samples } = await run([choices], { prefix: front });
    for (const [doc, { context, choices: texts }] of choices.kind === "multiple-choice"
      ? choices.items.entries()
      : []) {
      const { response } = samples[doc] as unknown as { response: number[] };
      for (const [i, text] of texts.entries()) {
        const prefix = context === "" ? [256] : front;
        const expected = await alone([...prefix, ...Buffer.from(`${context} ${text}`)], Buffer.byteLength(text) + 1);
        expect(response[i]).toBeCloseTo(expected, 3);
      }
    }
  }
});

/** The numbers of a result, without times. */
function values({ scores }: Awaited<ReturnType<typeof run>>): number[] {
  return scores.flatMap(({ metrics }) =>
    Object.values(metrics).flatMap(({ value, standardError }) => [value, standardError ?? 0]),
  );
}

function reversed(task: EvaluationTask): EvaluationTask {
  if (task.kind === "loss") return { ...task, documents: task.documents.toReversed() };
  return { ...task, items: task.items.toReversed() } as EvaluationTask;
}

test("neither the order of items nor the sizes of batches change a score", async () => {
  const tasks = [loss, choices, problems];
  const expected = values(await run(tasks));
  const others = [
    await run(tasks.map(reversed)),
    await run(tasks, { maxRows: 16, generationBatch: 1 }),
    await run(tasks, { generationBatch: 2, cachePositions: 50 }),
  ];
  for (const other of others) {
    for (const [i, value] of values(other).entries()) {
      expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(expected[i])));
    }
  }
});

test("generations do not depend on their batch, and every task reports its count", async () => {
  const together = await run([problems]);
  const single = await run([problems], { generationBatch: 1 });
  expect(together.samples).toEqual(single.samples);
  expect(together.samples.map((sample) => (sample as unknown as { response: string }).response.length > 0)).toContain(
    true,
  );
  const seen: string[] = [];
  await run([loss, choices, problems], { onProgress: (done, total, task) => seen.push(`${task} ${done}/${total}`) });
  expect(seen.filter((line) => /^(choices 3\/3|problems 3\/3|loss (\d+)\/\2)$/.test(line))).toHaveLength(3);
  expect(Object.keys(together.scores[0].metrics)).toEqual(["exact_match,strict-match", "exact_match,flexible-extract"]);
  expect(together.scores[0].metrics["exact_match,strict-match"]).toEqual({
    value: 0,
    standardError: 0,
    higherIsBetter: true,
    count: 3,
  });
});

test("an evaluation killed anywhere ends with the same scores and samples, repeating nothing", async () => {
  const tasks = [loss, choices, problems];
  const whole = await run(tasks, { maxRows: 40, generationBatch: 2 });
  const total = 3 + 3 + 3;
  for (const [kill, cut] of [
    [1, 0],
    [3, 0],
    [5, 9],
    [7, 1],
  ]) {
    const journal = join(temporaryFolder(), "journal.jsonl");
    const abort = new AbortController();
    let told = 0;
    const onProgress = () => (++told === kill ? abort.abort() : undefined);
    const options = { maxRows: 40, generationBatch: 2, journal };
    await expect(run(tasks, { ...options, signal: abort.signal, onProgress })).rejects.toThrow(
      "evaluation — expected to score all tasks, got an interruption.\n" +
        "  Finished requests are kept: run the same command again to resume.",
    );
    const bytes = readFileSync(journal).length;
    expect(bytes).toBeGreaterThan(0);
    truncateSync(journal, bytes - cut);
    const resumed = await run(tasks, options);
    expect(JSON.stringify(resumed.samples)).toBe(JSON.stringify(whole.samples));
    expect(values(resumed)).toEqual(values(whole));
    const requests = readFileSync(journal, "utf8")
      .trim()
      .split("\n")
      .flatMap((line) => {
        const { task, results } = JSON.parse(line) as { task: string; results: [number, unknown][] };
        return results.map(([request]) => `${task} ${request}`);
      });
    expect(new Set(requests).size).toBe(requests.length);
    expect(requests.length).toBeGreaterThan(total);
  }
});

test("a journal restores numbers that JSON lacks", () => {
  const path = join(temporaryFolder(), "journal.jsonl");
  const results = [NaN, -Infinity, 0.1].map((logLikelihood, i) => [i, { logLikelihood, isGreedy: false }] as const);
  openScoreJournal(path).task("odd").add(results);
  expect([...openScoreJournal(path).task("odd").known]).toEqual(results);
});

test("a task with nothing to score and a sequence too long for the model are refused", async () => {
  await expect(
    run([{ ...loss, documents: [encodePartsForLoss(bytes, [""], "all")] } as EvaluationTask]),
  ).rejects.toThrow(
    "task loss — expected at least one token to predict, got none.\n  Check the data and the split of this task.",
  );
  await expect(run([loss], { sequenceLength: 97 })).rejects.toThrow(
    "sequenceLength — expected 1 to 96, the model's max_position_embeddings, got 97.\n" +
      "  Choose a sequence length in this range, or a model with more positions.",
  );
});

test("the deviations of the samples give the standard error of every metric of every kind", async () => {
  const { scores, samples } = await run([loss, choices, problems]);
  expect(scores.map(({ kind }) => kind).toSorted()).toEqual(Object.keys(taskKinds).toSorted());
  for (const { task, kind, metrics } of scores) {
    const { ratios = {} }: TaskKind = taskKinds[kind];
    const ofTask = samples.filter((sample) => sample.task === task);
    for (const [name, { standardError }] of Object.entries(metrics)) {
      const ratio = ratios[name];
      const found = ratio && deviations(ofTask.map(ratio.term), ratio.derivative);
      expect(Math.hypot(...(found ?? [Number.NaN]))).toBeCloseTo(standardError as number, 12);
    }
  }
});

test("fewer than two samples with a weight, or infinite numbers, have no deviations", () => {
  const term = { sum: 1, weight: 2 };
  const all = [[], [term], [term, { sum: 0, weight: 0 }], [term, { sum: Infinity, weight: 1 }]];
  expect(all.map((terms) => deviations(terms, () => 1))).toEqual([null, null, null, null]);
});
