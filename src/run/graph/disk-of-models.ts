import { checkpointBytes, momentsBytes, savedBytes, scratchBytes } from "../../plan/disk.js";
import { exchangedBytes } from "../../merge/exchange/formats.js";
import { trainableParameters } from "../../model/config/parameter-counts.js";
import type { Window } from "../../model/config/window.js";
import { passingJobs } from "./prune-rounds.js";
import type { StrategyJobs } from "./strategy-jobs.js";
import type { Job } from "../../jobs/job.js";
import type { InitializeParameters } from "../kinds/initialize.js";
import type { TrainParameters } from "../kinds/train-parameters.js";
import type { RunPlan } from "./run-graph.js";
import type { ExecutionOptions } from "../../train/settings.js";

/** Bytes of disk for models and checkpoints, without the tokenized data sets. */
export interface DiskOfModels {
  /** Outputs that finished jobs keep. */
  readonly kept: number;
  /**
   * More during training: two checkpoints for each of the `parallel` largest parts and, with `offload`, their state;
   * and the models of the largest strategy that are removed after the next round.
   */
  readonly passing: number;
}

/** @param open  the jobs still to run, each once */
export function diskOfModels(plan: RunPlan, open: readonly Job[], parallel: number): DiskOfModels {
  const { config, initializeJob, pretrainJob } = plan;
  const everything: Window = { first: 0, end: config.layers, embeddings: true };
  // A model folder is linked, not copied.
  const writing = [initializeJob, pretrainJob].filter(
    (job) => job !== null && !("files" in (job.parameters as InitializeParameters | TrainParameters)),
  );
  const kept = new Map([
    ...writing.map((job) => [(job as Job).id, savedBytes(config, [everything], 4)] as const),
    ...plan.strategies.flatMap((strategy) => keptBytes(plan, strategy)),
  ]);
  const passing = open
    .filter(({ kind }) => kind === "train")
    .map(({ parameters, options }) => {
      const { window, settings } = parameters as TrainParameters;
      const offloaded = (options as ExecutionOptions).offload ? scratchBytes(config, window, settings) : 0;
      return 2 * checkpointBytes(config, window, settings) + offloaded;
    });
  const removed = passingJobs(plan.strategies);
  const between = plan.strategies.map((strategy) => betweenRounds(keptBytes(plan, strategy), strategy, removed));
  const largest = passing.sort((a, b) => b - a).slice(0, parallel);
  return {
    kept: open.reduce((sum, { id }) => sum + (removed.has(id) ? 0 : (kept.get(id) ?? 0)), 0),
    passing: largest.reduce((sum, bytes) => sum + bytes, 0) + Math.max(0, ...between),
  };
}

/** Models of two rounds at a time. */
function betweenRounds(
  bytes: readonly (readonly [id: string, bytes: number])[],
  { parts }: StrategyJobs,
  removed: ReadonlySet<string>,
): number {
  const all = bytes.reduce((sum, [id, size]) => sum + (removed.has(id) ? size : 0), 0);
  return (2 * all) / Math.max(2, parts.length - 2);
}

/** The bytes of each part and merge of a strategy. A tensor is f32 in every model after its first training. */
function keptBytes(
  { config, storedBytesPerElement }: RunPlan,
  { strategy, planned, parts, merges, searches, curve }: StrategyJobs,
): (readonly [id: string, bytes: number])[] {
  const windowsUntil = (round: number) =>
    planned
      .slice(0, round + 1)
      .flat()
      .map(({ window }) => window);
  const saved = (windows: readonly Window[]) => savedBytes(config, windows, storedBytesPerElement);
  const ofParts = parts.flatMap((jobs, round) =>
    jobs.map(({ id, parameters }) => {
      const { window, snapshots, settings, exchange, keepsMoments } = parameters as TrainParameters;
      const isLast = round + 1 === strategy.rounds.length;
      const change = exchange === undefined ? 0 : exchangedBytes(config, window, exchange);
      const residual = exchange === undefined || isLast ? 0 : 4 * trainableParameters(config, window);
      const moments = keepsMoments ? momentsBytes(config, window, settings) : 0;
      const models = (1 + snapshots.length) * saved([...windowsUntil(round - 1), window]);
      return [id, models + moments + change + residual] as const;
    }),
  );
  // Momentum is f32 and covers only trained tensors.
  const hasMomentum = strategy.rounds.some(({ merge }) => merge.outerOptimizer !== null);
  const momentum = !hasMomentum ? 0 : savedBytes(config, windowsUntil(planned.length), 0);
  const mergedRounds = planned.flatMap((ofRound, round) => (ofRound.length > 1 ? [round] : []));
  const ofMerges = merges.map(({ id }, i) => [id, saved(windowsUntil(mergedRounds[i])) + momentum] as const);
  const ofSearches = searches.flatMap((jobs, i) =>
    jobs === null ? [] : [[jobs.search.id, saved(windowsUntil(mergedRounds[i]))] as const],
  );
  const ofCurve = curve.flatMap(({ merge }) => (merge ? [[merge.id, saved(windowsUntil(0))] as const] : []));
  return [...ofParts, ...ofMerges, ...ofSearches, ...ofCurve];
}
