import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { TaskScores } from "../../src/evaluate/output/scores.js";
import type { Job } from "../../src/jobs/job.js";
import { rewriteJournal } from "../../src/files/journal.js";
import { writeDone, type Done } from "../../src/jobs/job-folder.js";
import { makeReport } from "../../src/run/facts/make-report.js";
import { planRun } from "../../src/run/graph/run-graph.js";
import { temporaryFolder } from "../temporary-folder.js";
import { smallRecipe } from "./small-recipe.js";

const arrived = (change: number) => ({ change, shares: [], cosine: null, tensors: 1, linearTensors: null });

const steps = Array.from({ length: 10 }, (_, i) => i + 1);

/** Records as jobs leave them, with numbers that nobody else has: the place of the job in the plan tells them apart. */
function record(runs: string, job: Job, place: number): void {
  const folder = join(runs, "jobs", job.id);
  mkdirSync(folder, { recursive: true });
  const scores: TaskScores[] = [
    {
      task: "loss",
      kind: "loss",
      metrics: {
        loss: { value: place + 0.25, standardError: place / 1000, higherIsBetter: false, count: 100 + place },
      },
      seconds: place,
    },
  ];
  const result = {
    train: { steps: 10, tokens: 1000 + place, window: (job.parameters as { window?: unknown }).window },
    evaluate: scores,
    merge: {
      settings: { lambda: place + 0.5 },
      cosine: place / 1000,
      meanNormRatio: place / 2000,
      attribution: { layers: [], total: arrived(place) },
    },
    initialize: { parameters: 4321 },
  }[job.kind as string];
  const done: Done = {
    id: job.id,
    title: job.title,
    machine: "a machine of the records",
    device: place === 0 ? "another device" : place === 1 ? "none" : "a device of the records",
    threads: 1 + place,
    version: "0",
    commit: "c".repeat(40),
    finished: "2020-01-01T00:00:00.000Z",
    seconds: 100 + place,
    outputs: {},
    result,
  };
  writeDone(folder, done);
  const lines = steps.map((step) => ({ step, loss: place + step / 100, seconds: step + place / 100 }));
  rewriteJournal(join(folder, "journal.jsonl"), lines);
}

test("every number of a report is a recorded fact: of done.json and journal.jsonl of the jobs", async () => {
  const folder = temporaryFolder();
  const plan = await planRun(await smallRecipe(folder, ["seed=77", "evaluateAt=[0.5]", "evaluateParts=true"]));
  const runs = join(folder, "runs");
  mkdirSync(join(runs, "pico"), { recursive: true });
  for (const [place, job] of plan.jobs.entries()) record(runs, job, place);
  const place = ({ id }: Job) => plan.jobs.findIndex((job) => job.id === id);
  const seconds = (job: Job) => 100 + place(job);
  const loss = (scores: readonly TaskScores[]) => scores[0].metrics.loss.value;
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const slowest = (jobs: readonly Job[]) => Math.max(...jobs.map(seconds));

  const { facts } = makeReport({ folder: runs }, plan);
  const [vanilla] = plan.strategies;
  const trained = place(vanilla.parts[0][0]);
  expect(facts).toMatchObject({
    name: "pico",
    seed: 77,
    bos: "auto",
    machine: "a machine of the records",
    device: `a device of the records (${plan.jobs.length - 2} jobs); another device (1 job)`,
    threads: 1 + trained,
    model: { parameters: 4321, layers: 4, start: "pre-trained here on stories" },
  });
  const [base, ...strategies] = facts.strategies;
  expect([base.name, base.seconds, base.tokens, loss(base.scores)]).toEqual([
    "base",
    null,
    0,
    place(plan.baseEvaluation) + 0.25,
  ]);
  expect(strategies.length).toBe(4);
  for (const [i, { strategy, parts, merges, evaluation, partEvaluations, curve }] of plan.strategies.entries()) {
    const reported = strategies[i];
    const rounds = parts.map(slowest);
    expect(reported.name).toBe(strategy.name);
    expect(reported.mergeSeconds).toBe(sum(merges.map(seconds)));
    expect(reported.seconds).toBe(sum(rounds) + sum(merges.map(seconds)));
    expect(reported.tokens).toBe(sum(parts.flat().map((job) => 1000 + place(job))));
    expect(reported.scores[0].metrics.loss).toEqual({
      value: place(evaluation) + 0.25,
      standardError: place(evaluation) / 1000,
      higherIsBetter: false,
      count: 100 + place(evaluation),
    });
    expect(reported.parts.map(({ seconds: s, tokens, threads }) => [s, tokens, threads])).toEqual(
      parts.flat().map((job) => [seconds(job), 1000 + place(job), 1 + place(job)]),
    );
    expect(reported.parts.map(({ losses }) => losses)).toEqual(
      parts.flat().map((job) => steps.map((step) => ({ step, loss: place(job) + step / 100 }))),
    );
    expect(reported.exchanges).toBe(merges.length);
    expect(reported.partScores.map(({ worker, scores: of }) => [worker, loss(of)])).toEqual(
      partEvaluations.map((job, worker) => [worker, place(job) + 0.25]),
    );
    expect(reported.rounds).toEqual(
      parts.map((jobs, round) => {
        const merge: Job | undefined = merges[round];
        return {
          round,
          workers: jobs.length,
          seconds: slowest(jobs) + (merge ? seconds(merge) : 0),
          tokens: sum(jobs.map((job) => 1000 + place(job))),
          lossBefore: expect.closeTo(sum(jobs.map((job) => place(job) + 0.01)) / jobs.length, 9),
          lossAfter: expect.closeTo(sum(jobs.map((job) => place(job) + 0.1)) / jobs.length, 9),
          lambda: merge ? place(merge) + 0.5 : null,
          cosine: merge ? place(merge) / 1000 : null,
          meanNormRatio: merge ? place(merge) / 2000 : null,
          arrived: merge ? { layers: [], total: arrived(place(merge)) } : null,
        };
      }),
    );
    expect(reported.curve.map((point) => [point.fraction, loss(point.scores)])).toEqual(
      curve.map((point) => [point.fraction, place(point.evaluation) + 0.25]),
    );
    // Half of the steps: the first of two rounds with its merge, or step 5 of 10 of the slowest part with the merge
    // there.
    const half =
      strategy.rounds.length > 1
        ? rounds[0] + seconds(merges[0])
        : Math.max(...parts[0].map((job) => 5 + place(job) / 100));
    const merged = curve[0].merge ? seconds(curve[0].merge) : 0;
    expect(reported.curve[0].seconds).toBeCloseTo(half + merged, 9);
  }
});

test("a report of jobs that are not done is refused with the job's name", async () => {
  const folder = temporaryFolder();
  const plan = await planRun(await smallRecipe(folder));
  const runs = join(folder, "runs");
  expect(() => makeReport({ folder: runs }, plan)).toThrow(
    `${join(runs, "jobs", plan.baseEvaluation.id)} — expected the finished job "evaluate base", got none.\n` +
      "  Run `strata run` with the same recipe first; it continues where it stopped.",
  );
});
