import { beforeAll, expect, test } from "vitest";
import { evaluate, type EvaluationTask } from "../../src/evaluate/evaluate.js";
import { validationLoss, type LossTask } from "../../src/evaluate/metric/validation-loss.js";
import { openScoreJournal } from "../../src/evaluate/output/score-journal.js";
import { encodeChatForLoss, encodePartsForLoss } from "../../src/evaluate/request/encode-loss.js";
import type { BatchScorer, RequestScore } from "../../src/evaluate/request/score-requests.js";
import type { Model } from "../../src/model/model.js";
import type { RenderChat } from "../../src/tokenizer/chat/chat-template.js";
import { bytes } from "./byte-tokenizer.js";
import { documents, loss } from "./loss-task.js";
import { openSmallModel, scoreAlone } from "./small-model.js";

let model: Model;
beforeAll(async () => {
  model = await openSmallModel();
});

function run(task: EvaluationTask, sequenceLength: number, maxRows?: number) {
  return evaluate({ model, tokenizer: bytes, tasks: [task], sequenceLength, prefix: [256], maxRows });
}

const alone = (ids: readonly number[], count: number) => scoreAlone(model, ids, count);

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
  const { scores, samples } = await run(answers, 96);
  const expected = await Promise.all(
    pairs.map(([question, answer]) => alone([256, ...Buffer.from(question + answer)], answer.length)),
  );
  expect(samples).toEqual(
    pairs.map(([, answer], doc) => ({
      task: "answers",
      doc,
      logLikelihood: expect.closeTo(expected[doc], 3),
      tokens: answer.length,
      bytes: answer.length,
    })),
  );
  const { count, value } = scores[0].metrics.loss;
  expect(count).toBe(pairs[0][1].length + pairs[1][1].length);
  expect(Math.abs(value + (expected[0] + expected[1]) / count)).toBeLessThan(1e-5 * value);
  const windows = await run(answers, 16);
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
  const { samples } = await run(task("completions"), 96);
  expect(samples).toEqual([
    {
      task: "chat",
      doc: 0,
      logLikelihood: expect.closeTo(expected, 3),
      tokens: "no;yes, that;".length,
      bytes: "no;yes, that;".length,
    },
  ]);
  expect((await run(task("all"), 96)).scores[0].metrics.loss.count).toBe(ids.length - 1);
});

test("the loss of a data set is the token-weighted mean of its documents, for any batch size", async () => {
  const { scores, samples } = await run(loss, 96);
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
      bytes: counts[doc],
    });
    sum -= expected;
  }
  expect(Math.abs(value - sum / count)).toBeLessThan(1e-5 * value);
  expect(scores[0].metrics.perplexity.value).toBe(Math.exp(value));
  for (const maxRows of [1, 100, 192]) {
    const other = (await run(loss, 96, maxRows)).scores[0].metrics.loss;
    expect(Math.abs(other.value - value)).toBeLessThan(1e-5 * value);
  }
  const short = (await run(loss, 16)).scores[0].metrics.loss;
  expect(short.count).toBe(count);
  expect(Math.abs(short.value - value)).toBeGreaterThan(1e-3 * value); // a shorter window sees less
});

/** The model of the values below: a token t costs t bits, whatever its context. */
const bitScorer: BatchScorer = {
  score: ({ rows, targets }) =>
    Promise.resolve({
      losses: Float32Array.from(rows, (_, m) => targets[m] * Math.LN2),
      best: new Int32Array(rows.length),
    }),
};

function scoreBits(documents: LossTask["documents"]) {
  const journal = openScoreJournal(null).task<RequestScore>("bits");
  const options = { scorerFor: () => bitScorer, maxRows: 64, journal, between: async () => {}, onProgress: () => {} };
  return validationLoss(bytes, { name: "bits", kind: "loss", documents }, { ...options, sequenceLength: 8 });
}

test("bits per byte are the bits of all documents over their bytes, with the error of a ratio of means", async () => {
  const { metrics, samples } = await scoreBits([
    { tokens: [3, 1], predicted: [[0, 2]], bytes: 4 },
    { tokens: [], predicted: [[0, 0]], bytes: 0 },
    { tokens: [9, 2], predicted: [[1, 2]], bytes: 3 },
  ]);
  expect(samples.map(({ tokens, bytes: count }) => [tokens, count])).toEqual([
    [2, 4],
    [0, 0],
    [1, 3],
  ]);
  // 4 bits in 4 bytes and 2 bits in 3: 6/7. They differ from 6/7 of their bytes by 4/7 and −4/7.
  expect(metrics.bits_per_byte).toEqual({
    value: expect.closeTo(6 / 7, 6),
    standardError: expect.closeTo(Math.sqrt(2 * 2 * (4 / 7) ** 2) / 7, 6),
    count: 3,
    higherIsBetter: false,
  });
  const single = await scoreBits([{ tokens: [3, 1], predicted: [[0, 2]], bytes: 4 }]);
  expect(single.metrics.bits_per_byte).toMatchObject({ value: expect.closeTo(1, 6), standardError: null });
});

test("the bytes of a document are those of its predicted text in UTF-8", () => {
  const parts = ["Größe: ", "é!"];
  expect(encodePartsForLoss(bytes, parts, "all").bytes).toBe("Größe: é!".length + 3);
  expect(encodePartsForLoss(bytes, parts, "completions").bytes).toBe("é!".length + 1);
  expect(encodePartsForLoss(bytes, [], "completions").bytes).toBe(0);
});
