import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readJournal } from "../../src/files/journal.js";
import { readJsonLines } from "../../src/files/json-lines.js";
import { casesOf, inCase } from "./field-cases.js";
import { oneStep, run, stories, tokensOf } from "./run-field.js";

// Whole runs of the program, over files whose right reading decides what is trained, scored or refused.

/** The scores of a model as it is, on one evaluation: a loss or a task. */
async function scoresOf(model: string, file: string, text: object, what: { kind: "loss" } | { task: string }) {
  const { ended, jobs } = await run({
    data: { ...stories, set: { files: file, ...text } },
    model: { folder: model },
    training: oneStep("stories", 32),
    evaluation: [{ name: "asked", ...what, data: "set", split: "all" }],
  });
  expect(ended.err).toBe("");
  const before = jobs("evaluate")
    .map((folder) => ({ folder, title: JSON.parse(readFileSync(join(folder, "job.json"), "utf8")).title as string }))
    .find(({ title }) => title === "evaluate base") as { folder: string };
  const [scores] = JSON.parse(readFileSync(join(before.folder, "scores.json"), "utf8")) as [
    { metrics: Record<string, { value: number }> },
  ];
  const samples = [...readJsonLines<Record<string, unknown>>(join(before.folder, "samples.jsonl"))];
  return { metrics: scores.metrics, samples };
}

describe("trained", () => {
  test.each(casesOf("train"))("%s", async (_, one) => {
    const done = await run({
      data: { set: { files: inCase(one, one.file), field: "text" } },
      model: { folder: inCase(one, one.model) },
      training: oneStep("set", one.ids.length - 1),
    });
    expect(done.ended.err).toBe("");
    expect(tokensOf(done)).toEqual(one.ids);
    const [trained] = done.jobs("train");
    const [{ loss }] = readJournal<{ loss: number }>(join(trained, "journal.jsonl"));
    expect(Math.abs(loss - one.firstLoss)).toBeLessThan(1e-4);
  });
});

describe("scored", () => {
  test.each(casesOf("choices"))("%s", async (_, one) => {
    const text = { field: "question" };
    const { metrics, samples } = await scoresOf(inCase(one, one.model), inCase(one, one.file), text, {
      task: "arc_easy",
    });
    const likelihoods = samples.map((sample) => sample.responses as number[]);
    one.logLikelihoods.forEach((row, i) =>
      row.forEach((value, j) => expect(Math.abs(likelihoods[i][j] - value)).toBeLessThan(1e-3)),
    );
    expect([metrics.acc.value, metrics.acc_norm.value]).toEqual([one.acc, one.acc_norm]);
  });
  test.each(casesOf("loss"))("%s", async (_, one) => {
    const { metrics, samples } = await scoresOf(inCase(one, one.model), inCase(one, one.file), one.as, {
      kind: "loss",
    });
    expect(Math.abs(metrics.loss.value - one.loss)).toBeLessThan(1e-4);
    expect(samples.reduce((sum, { tokens }) => sum + Number(tokens), 0)).toBe(one.predicted);
  });
});

/** Tasks by the kind of their questions. */
const evaluations = {
  gsm8k: { task: "gsm8k", fewShot: 0, maxTokens: 8 },
  arc_easy: { task: "arc_easy" },
};

describe("refused before anything is trained", () => {
  test.each(casesOf("refuse").filter(([, { train }]) => train !== undefined))("%s", async (_, one) => {
    const { model, files } = one.train as NonNullable<typeof one.train>;
    const { ended, jobs } = await run({
      data: { set: { files: files.map((name) => inCase(one, name)) } },
      model: { folder: inCase(one, model) },
      training: oneStep("set", 8),
    });
    expect(ended.code).not.toBe(0);
    expect(ended.err).not.toMatch(/^ {4}at /m);
    for (const pattern of one.says) expect(ended.err).toMatch(new RegExp(pattern, "i"));
    expect(jobs("train")).toEqual([]);
  });
  test.each(casesOf("tell_early"))("%s", async (_, one) => {
    const evaluation = evaluations[one.evaluation];
    const { ended, jobs } = await run({
      data: { ...stories, set: { files: one.files.map((name) => inCase(one, name)), field: "question" } },
      model: { folder: inCase(one, "../any-model") },
      training: oneStep("stories", 32),
      evaluation: [{ name: "asked", ...evaluation, data: "set", split: "all" }],
    });
    if (one.mayRead && ended.code === 0) return;
    expect(ended.code).not.toBe(0);
    expect(ended.err).not.toMatch(/^ {4}at /m);
    for (const pattern of one.says) expect(ended.err).toMatch(new RegExp(pattern, "i"));
    expect(jobs("train")).toEqual([]);
  });
});
