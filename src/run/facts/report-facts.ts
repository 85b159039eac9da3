import { trafficOf } from "../../plan/traffic.js";
import type { LossPoint, PartFacts, ReportFacts, StrategyFacts } from "../../report/facts.js";
import type { TaskScores } from "../../evaluate/output/scores.js";
import { StrataError } from "../../errors/strata-error.js";
import { readSteps, type JournalEntry } from "../../train/journal.js";
import { plural } from "../../text/plural.js";
import { version } from "../../version.js";
import type { FactsPlan } from "../graph/plan-record.js";
import type { CurvePoint, PlannedJob, StrategyRoles } from "../graph/strategy-roles.js";
import { exchangedBytes } from "../../merge/exchange/formats.js";
import { formatWindow, trainedLayers } from "../../model/config/window.js";
import { jobFolder, readDone, type Done, type Store } from "../../jobs/job-folder.js";
import { snapshotStep, type TrainFacts, type TrainParameters } from "../kinds/train-parameters.js";
import { withCovariances } from "./covariances.js";
import { changedTraining, describeStrategy } from "./describe-strategy.js";
import { trainingJournal } from "./training-journal.js";
import { roundFacts } from "./round-facts.js";

/** @throws StrataError if the job is not finished */
export function doneOf(store: Store, job: PlannedJob): Done {
  const done = readDone(store, job.id);
  if (done) return done;
  throw new StrataError("ReportError", {
    where: jobFolder(store, job.id),
    expected: `the finished job "${job.title}"`,
    got: "none",
    hint: "Run `strata run` with the same recipe first; it continues where it stopped.",
  });
}

/** Reads all facts of a report from the records of the jobs. @throws StrataError if a job is not finished */
export function reportFacts(store: Store, plan: FactsPlan): ReportFacts {
  const { strategies, ...facts } = recordedFacts(store, plan);
  return { ...facts, ...withCovariances(store, plan, strategies) };
}

/** As `reportFacts`, without covariances, which take long to read: differences then have errors of unpaired items. */
export function recordedFacts(store: Store, plan: FactsPlan, losses: LossReader = stepsOf): ReportFacts {
  const { recipe } = plan;
  const base = doneOf(store, plan.baseEvaluation);
  const start = doneOf(store, plan.initializeJob).result as { parameters: number };
  const owners = new Map<string, string>();
  const strategies = plan.strategies.map((jobs) => strategyFacts(store, plan, jobs, owners, losses));
  const first = plan.strategies[0]?.parts[0]?.[0];
  const trained = first ? doneOf(store, first) : base;
  return {
    name: recipe.name,
    date: new Date().toISOString(),
    commit: trained.commit,
    machine: trained.machine,
    device: devicesOf(store, plan),
    threads: trained.threads,
    seed: recipe.seed,
    bos: recipe.bos,
    strataVersion: version,
    model: { parameters: start.parameters, layers: plan.config.layers, start: startText(plan) },
    paper: recipe.paper,
    strategies: [baseFacts(base.result as TaskScores[]), ...strategies],
  };
}

/** The devices of all jobs, each with how it computed products; the most frequent first. */
function devicesOf(store: Store, plan: FactsPlan): string {
  const jobs = new Map<string, number>();
  for (const job of plan.jobs) {
    const device = readDone(store, job.id)?.device ?? "none";
    if (device !== "none") jobs.set(device, (jobs.get(device) ?? 0) + 1);
  }
  const devices = [...jobs].sort(([, a], [, b]) => b - a);
  if (devices.length === 1) return devices[0][0];
  return devices.map(([device, count]) => `${device} (${plural(count, "job")})`).join("; ");
}

function startText({ recipe }: FactsPlan): string {
  if ("folder" in recipe.model) return `weights of ${recipe.model.folder}`;
  return "random" in recipe.model ? "random weights" : `pre-trained here on ${recipe.model.pretrain.data.join(", ")}`;
}

function baseFacts(scores: TaskScores[]): StrategyFacts {
  return {
    name: "base",
    description: "the model that strategies start from",
    seconds: null,
    tokens: 0,
    scores,
    parts: [],
    mergeSeconds: 0,
    exchanges: 0,
    bytes: { sent: 0, received: 0 },
    rounds: [],
    partScores: [],
    changedTraining: {},
    curve: [],
  };
}

function strategyFacts(
  store: Store,
  { config, recipe }: FactsPlan,
  jobs: StrategyRoles<PlannedJob>,
  owners: Map<string, string>,
  losses: LossReader,
): StrategyFacts {
  const { strategy } = jobs;
  const merges = jobs.merges.map((job) => doneOf(store, job));
  const searches = jobs.searches.map((search) => (search === null ? null : doneOf(store, search.search)));
  const mergeSeconds = [...merges, ...searches].reduce((sum, job) => sum + (job?.seconds ?? 0), 0);
  const rounds = jobs.parts.map((parts) => parts.map((job) => doneOf(store, job)));
  const slowest = rounds.map((parts) => Math.max(...parts.map(({ seconds }) => seconds)));
  const seconds = slowest.reduce((sum, round) => sum + round, 0) + mergeSeconds;
  const parts = jobs.parts.flatMap((round, index) =>
    round.map((job, worker) =>
      partFacts(store, job, { round: index, worker, strategy: strategy.name }, owners, losses),
    ),
  );
  const traffic = trafficOf(strategy, config, (window) => exchangedBytes(config, window, strategy.exchange));
  return {
    name: strategy.name,
    description: describeStrategy(strategy),
    changedTraining: changedTraining(strategy, recipe.training),
    seconds,
    tokens: parts.reduce((sum, part) => sum + part.tokens, 0),
    scores: doneOf(store, jobs.evaluation).result as TaskScores[],
    parts,
    mergeSeconds,
    exchanges: merges.length,
    bytes: { sent: traffic.sent, received: traffic.received },
    rounds: roundFacts(parts, merges, searches),
    partScores: jobs.partEvaluations.map((job, worker) => ({
      worker,
      scores: doneOf(store, job).result as TaskScores[],
    })),
    curve: jobs.curve.map((point) => ({
      fraction: point.fraction,
      seconds: curveSeconds(store, jobs, point),
      scores: doneOf(store, point.evaluation).result as TaskScores[],
    })),
  };
}

/** Training seconds up to a curve point: its rounds, or the slowest part until its snapshot; including merges. */
function curveSeconds(
  store: Store,
  jobs: StrategyRoles<PlannedJob>,
  { fraction, round, merge }: CurvePoint<PlannedJob>,
): number {
  const { strategy, parts } = jobs;
  const secondsOf = (job: PlannedJob) => doneOf(store, job).seconds;
  if (strategy.rounds.length > 1) {
    const trainings = parts.slice(0, round + 1);
    const merged = trainings.filter(({ length }) => length > 1).length;
    const slowest = trainings.map((ofRound) => Math.max(...ofRound.map(secondsOf)));
    const after = [
      ...jobs.merges.slice(0, merged),
      ...jobs.searches.slice(0, merged).flatMap((one) => one?.search ?? []),
    ];
    return [...slowest, ...after.map(secondsOf)].reduce((a, b) => a + b, 0);
  }
  const slowest = Math.max(...parts[0].map((job) => secondsAt(store, job, fraction)));
  return slowest + (merge ? secondsOf(merge) : 0);
}

function secondsAt(store: Store, job: PlannedJob, fraction: number): number {
  const { steps } = doneOf(store, job).result as TrainFacts;
  const step = snapshotStep(fraction, steps);
  return stepsOf(store, job).find((line) => line.step === step)?.seconds ?? 0;
}

/** The losses of a finished training, or some of them. */
export type LossReader = (store: Store, job: PlannedJob) => readonly LossPoint[];

/** The journal of a finished training. @throws StrataError unless it has every step as it was written */
function stepsOf(store: Store, job: PlannedJob): readonly JournalEntry[] {
  const folder = jobFolder(store, job.id);
  const { steps } = doneOf(store, job).result as TrainFacts;
  const hint = `The file was damaged after it was written: remove the folder ${folder} and run again.`;
  return readSteps(trainingJournal(store, job.id), steps, hint);
}

interface PartPlace extends Pick<PartFacts, "round" | "worker"> {
  readonly strategy: string;
}

/** @param owners  the strategy of each job that was asked for before; others share it */
export function partFacts(
  store: Store,
  job: PlannedJob,
  { round, worker, strategy }: PartPlace,
  owners: Map<string, string>,
  losses: LossReader,
): PartFacts {
  const done = doneOf(store, job);
  const { window } = job.parameters as TrainParameters;
  const { tokens } = done.result as TrainFacts;
  const owner = owners.get(job.id) ?? strategy;
  owners.set(job.id, owner);
  return {
    round,
    worker,
    window: formatWindow(window),
    layersTrained: trainedLayers(window).length,
    seconds: done.seconds,
    tokens,
    threads: done.threads,
    shared: owner !== strategy,
    losses: losses(store, job).map(({ step, loss }) => ({ step, loss })),
  };
}
