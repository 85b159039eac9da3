import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { mean, standardError, weightedMean } from "../../src/evaluate/metric/statistics.js";
import type { TaskScores } from "../../src/evaluate/output/scores.js";
import { hashBytes } from "../../src/files/hash.js";
import { jobFolder, readDone, writeDone, type Done } from "../../src/jobs/job-folder.js";
import type { Job } from "../../src/jobs/job.js";
import type { PartScores, ReportFacts, StrategyFacts } from "../../src/report/facts.js";
import { withCovariances } from "../../src/run/facts/covariances.js";
import { planRun, type RunPlan } from "../../src/run/graph/run-graph.js";
import { nextRandom } from "../report/sequence.js";
import { temporaryFolder } from "../temporary-folder.js";
import { smallRecipe } from "./small-recipe.js";

let plan: RunPlan;
let store: { readonly folder: string };

beforeAll(async () => {
  const folder = temporaryFolder();
  plan = await planRun(await smallRecipe(folder, ["evaluateParts=true"]));
  store = { folder };
});

interface Item {
  readonly logLikelihood: number;
  readonly tokens: number;
  readonly correct: number;
}

/** Items with a difficulty that all models share; one document has no predicted token. */
function itemsOf(seed: number, count = 50): Item[] {
  const [shared, own] = [nextRandom(3), nextRandom(seed)];
  for (let i = 0; i < 10; i++) own();
  return Array.from({ length: count }, (_, i) => {
    const tokens = i === 7 ? 0 : 1 + Math.floor(40 * shared());
    const hard = shared();
    return { tokens, logLikelihood: -tokens * (2 * hard + own()), correct: Number(hard + 0.3 * own() < 0.6) };
  });
}

const strict = "exact_match,strict-match";

/** Records an evaluation as its job does. */
function record({ id }: Job, items: readonly Item[]): void {
  const folder = join(store.folder, "jobs", id);
  mkdirSync(folder, { recursive: true });
  const terms = items.filter(({ tokens }) => tokens > 0);
  const loss = weightedMean(terms.map(({ logLikelihood, tokens }) => ({ sum: -logLikelihood, weight: tokens })));
  const perplexity = Math.exp(loss.value);
  const correct = items.map((item) => item.correct);
  const share = { value: mean(correct), standardError: standardError(correct), count: correct.length };
  const fromFile = { higherIsBetter: true, aggregation: "mean" };
  const result: TaskScores[] = [
    {
      task: "loss",
      kind: "loss",
      metrics: {
        loss: { ...loss, higherIsBetter: false, count: 9 },
        perplexity: {
          value: perplexity,
          standardError: loss.standardError === null ? null : perplexity * loss.standardError,
          higherIsBetter: false,
          count: 9,
        },
      },
      seconds: 1,
    },
    { task: "answers", kind: "task", metrics: { [strict]: { ...share, ...fromFile } }, seconds: 1 },
  ];
  const samples = [
    ...items.map(({ logLikelihood, tokens }, doc) => ({ task: "loss", doc, logLikelihood, tokens })),
    ...items.map(({ correct }, doc) => ({ task: "answers", doc, response: "é", score: { [strict]: correct } })),
  ];
  const content = samples.map((sample) => `${JSON.stringify(sample)}\n`).join("");
  writeFileSync(join(folder, "samples.jsonl"), content);
  const outputs = { "samples.jsonl": { bytes: Buffer.byteLength(content), sha256: hashBytes(content) } };
  writeDone(folder, { id, result, outputs } as unknown as Done);
}

const evaluations = () => [plan.baseEvaluation, ...plan.strategies.map(({ evaluation }) => evaluation)];
const parts = () => plan.strategies.flatMap(({ partEvaluations }) => partEvaluations);

function covariances(): Pick<ReportFacts, "strategies" | "covariances"> {
  const partsOf = (jobs: readonly Job[]) => jobs.map((_, worker): PartScores => ({ worker, scores: [] }));
  const strategies = [[], ...plan.strategies.map(({ partEvaluations }) => partEvaluations)].map(
    (jobs) => ({ partScores: partsOf(jobs) }) as unknown as StrategyFacts,
  );
  return withCovariances(store, plan, strategies);
}

function recordAll(): void {
  for (const [i, job] of [...evaluations(), ...parts()].entries()) record(job, itemsOf(100 + 31 * i));
}

test("the diagonal is the squared standard error of the scores, and matrices are symmetric", () => {
  recordAll();
  const found = covariances().covariances ?? {};
  expect(Object.keys(found)).toEqual(["loss", "answers"]);
  expect(Object.keys(found.loss)).toEqual(["loss", "perplexity"]);
  const items = evaluations().map((_, i) => itemsOf(100 + 31 * i));
  for (const [i, of] of items.entries()) {
    const loss = weightedMean(
      of.filter(({ tokens }) => tokens > 0).map((one) => ({ sum: -one.logLikelihood, weight: one.tokens })),
    );
    const error = loss.standardError as number;
    const share = standardError(of.map(({ correct }) => correct)) as number;
    expect((found.loss.loss[i][i] as number) / error ** 2).toBeCloseTo(1, 9);
    expect((found.loss.perplexity[i][i] as number) / (error * Math.exp(loss.value)) ** 2).toBeCloseTo(1, 9);
    expect((found.answers[strict][i][i] as number) / share ** 2).toBeCloseTo(1, 9);
  }
  for (const matrix of [found.loss.loss, found.loss.perplexity, found.answers[strict]]) {
    expect(matrix.map((row) => row.length)).toEqual(matrix.map(() => items.length));
    for (const [i, row] of matrix.entries())
      for (const [j, value] of row.entries()) {
        expect(value).toBe(matrix[j][i]);
        const correlation = (value as number) / Math.sqrt((matrix[i][i] as number) * (matrix[j][j] as number));
        expect(correlation).toBeGreaterThan(0.5);
      }
  }
});

test("parts have their covariances with the strategies", () => {
  recordAll();
  const { partEvaluations } = plan.strategies[plan.strategies.length - 1];
  record(partEvaluations[1], itemsOf(100));
  const { strategies, covariances: all } = covariances();
  const [first, second] = strategies[strategies.length - 1].partScores;
  expect(second.covariances?.loss.loss).toEqual(all?.loss.loss[0]);
  expect(first.covariances?.answers[strict]).toHaveLength(strategies.length);
  expect(strategies[0].partScores).toEqual([]);
});

test("a pair with different items has none, nor has a model without samples or with a single item", () => {
  recordAll();
  const [base, first, second, third] = evaluations();
  record(first, itemsOf(100, 49));
  record(second, [...itemsOf(100).slice(0, -1), { tokens: 99, logLikelihood: -1, correct: 1 }]);
  const { id } = third;
  writeDone(jobFolder(store, id), { ...(readDone(store, id) as Done), outputs: {} });
  const { loss, answers } = covariances().covariances ?? {};
  expect(loss.loss[0].map((value) => value === null)).toEqual([false, true, true, true, false]);
  expect(loss.loss[3]).toEqual([null, null, null, null, null]);
  // Its last document has another length, but its answers are to the same items.
  expect(answers[strict][0].map((value) => value === null)).toEqual([false, true, false, true, false]);
  record(base, itemsOf(100, 1));
  expect(covariances().covariances?.loss.loss[0]).toEqual([null, null, null, null, null]);
});

test("thirty strategies of a thousand documents take a moment", () => {
  const [strategy] = plan.strategies;
  const job = (i: number): Job => ({ ...strategy.evaluation, id: `many-${i}` });
  const many = Array.from({ length: 30 }, (_, i) => ({ ...strategy, evaluation: job(i), partEvaluations: [] }));
  for (const [i, { evaluation }] of many.entries()) record(evaluation, itemsOf(i + 1, 1000));
  record(plan.baseEvaluation, itemsOf(99, 1000));
  const strategies = [plan.baseEvaluation, ...many].map(() => ({ partScores: [] }) as unknown as StrategyFacts);
  const start = performance.now();
  const found = withCovariances(store, { ...plan, strategies: many }, strategies).covariances;
  expect(performance.now() - start).toBeLessThan(5000);
  expect(found?.loss.loss.flat().filter((value) => value === null)).toEqual([]);
  expect(found?.loss.loss).toHaveLength(31);
});
