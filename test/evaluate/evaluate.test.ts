import { readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { encodePartsForLoss } from "../../src/evaluate/request/encode-loss.js";
import { evaluate, type EvaluateOptions, type EvaluationTask } from "../../src/evaluate/evaluate.js";
import { findTask } from "../../src/evaluate/harness/config/find-tasks.js";
import { withGenerationLimit } from "../../src/evaluate/harness/config/generation-limit.js";
import { deviations } from "../../src/evaluate/metric/ratio.js";
import { openScoreJournal } from "../../src/evaluate/output/score-journal.js";
import type { FileTaskSample } from "../../src/evaluate/output/samples.js";
import { taskKind, taskKinds } from "../../src/evaluate/task/task-kinds.js";
import type { Model } from "../../src/model/model.js";
import { temporaryFolder } from "../temporary-folder.js";
import { bytes } from "./byte-tokenizer.js";
import { choicesTask, fileTask } from "./file-tasks.js";
import { loss } from "./loss-task.js";
import { openSmallModel, scoreAlone } from "./small-model.js";

const items = [
  { context: "Question: up?\nAnswer:", choices: ["yes", "no, it is down", "é"], gold: 1 },
  { context: "A context that has some more words in it than the others have", choices: ["one", "two"], gold: 0 },
  { context: "", choices: ["a", "bb", "ccc", "dddd"], gold: 3 },
];
const choices = await fileTask("choices", choicesTask, items);
const problems = await fileTask(
  "problems",
  withGenerationLimit(findTask("gsm8k").config, 12),
  ["1+1", "a longer question about 5 apples", "2"].map((question) => ({ question, answer: "#### 2" })),
);
const pages = await fileTask("pages", findTask("wikitext").config, [
  { page: "A page of seven words and a heading ." },
  { page: " = Heading = \n\n Another page , which has more words than fit into the positions of a small model . " },
  { page: "Short ." },
]);

let model: Model;
beforeAll(async () => {
  model = await openSmallModel();
});

function run(tasks: EvaluationTask[], options: Partial<EvaluateOptions> = {}) {
  return evaluate({ model, tokenizer: bytes, tasks, sequenceLength: 16, prefix: [256], ...options });
}

test("each choice scores as if it were alone, with and without BOS", async () => {
  for (const front of [[256], []]) {
    const { samples } = await run([choices], { prefix: front });
    for (const [doc, { context, choices: texts, gold }] of items.entries()) {
      const { responses, score } = samples[doc] as unknown as { responses: number[]; score: Record<string, number> };
      for (const [i, text] of texts.entries()) {
        const ids = [...(context === "" ? [256] : front), ...Buffer.from(`${context} ${text}`)];
        expect(responses[i]).toBeCloseTo(await scoreAlone(model, ids, Buffer.byteLength(text) + 1), 3);
      }
      expect(score.acc).toBe(Number(responses[gold] === Math.max(...responses)));
    }
  }
});

test("a text scores as its tokens do one after the other, each from the beginning of its window", async () => {
  const { samples } = await run([pages]);
  const page = pages.prepared.documents[2].requests[0];
  const text = page.kind === "rolling" ? page.text : "";
  const ids = [256, 256, ...Buffer.from(text)];
  expect(samples[2]).toMatchObject({
    prompt: text,
    responses: [expect.closeTo(await scoreAlone(model, ids, ids.length - 1), 3)],
  });
});

/** The numbers of a result, without times. */
function values({ scores }: Awaited<ReturnType<typeof run>>): number[] {
  return scores.flatMap(({ metrics }) =>
    Object.values(metrics).flatMap(({ value, standardError }) => [value, standardError ?? 0]),
  );
}

function reversed(task: EvaluationTask): EvaluationTask {
  if (task.kind === "loss") return { ...task, documents: task.documents.toReversed() };
  return { ...task, prepared: { ...task.prepared, documents: task.prepared.documents.toReversed() } };
}

test("neither the order of items nor the sizes of batches change a score", async () => {
  const tasks = [loss, choices, problems, pages];
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
  const answers = together.samples as unknown as FileTaskSample[];
  expect(answers.map(({ responses: [text] }) => String(text).length > 0)).toContain(true);
  const seen: string[] = [];
  await run([loss, choices, problems, pages], {
    onProgress: (done, total, task) => seen.push(`${task} ${done}/${total}`),
  });
  expect(seen.filter((line) => /^((choices|problems|pages) 3\/3|loss (\d+)\/\3)$/.test(line))).toHaveLength(4);
  expect(Object.keys(together.scores[0].metrics)).toEqual(["exact_match,strict-match", "exact_match,flexible-extract"]);
  expect(together.scores[0].metrics["exact_match,strict-match"]).toEqual({
    value: 0,
    standardError: 0,
    higherIsBetter: true,
    count: 3,
    aggregation: "mean",
  });
});

test("an evaluation killed anywhere ends with the same scores and samples, repeating nothing", async () => {
  const tasks = [loss, choices, problems, pages];
  const whole = await run(tasks, { maxRows: 40, generationBatch: 2 });
  const total = 3 + 3 + 3 + 3;
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
  const { scores, samples } = await run([loss, choices, problems, pages]);
  expect(new Set(scores.map(({ kind }) => kind))).toEqual(new Set(Object.keys(taskKinds)));
  for (const { task, kind, metrics } of scores) {
    const ofTask = samples.filter((sample) => sample.task === task);
    for (const [name, metric] of Object.entries(metrics)) {
      const ratio = taskKind(kind).ratioOf(name, metric);
      const found = ratio && deviations(ofTask.map(ratio.term), ratio.derivative);
      const expected = metric.standardError as number;
      expect(Math.abs(Math.hypot(...(found ?? [Number.NaN])) - expected)).toBeLessThanOrEqual(1e-12 * expected);
    }
  }
});

test("fewer than two samples with a weight, or infinite numbers, have no deviations", () => {
  const term = { sum: 1, weight: 2 };
  const all = [[], [term], [term, { sum: 0, weight: 0 }], [term, { sum: Infinity, weight: 1 }]];
  expect(all.map((terms) => deviations(terms, () => 1))).toEqual([null, null, null, null]);
});
