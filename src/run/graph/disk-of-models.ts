import { savedBytes, scratchBytes } from "../../plan/disk.js";
import { trainableParameters } from "../../model/config/parameter-counts.js";
import type { Window } from "../../model/config/window.js";
import type { StrategyJobs } from "./strategy-jobs.js";
import type { Job } from "../../jobs/job.js";
import type { InitializeParameters } from "../kinds/initialize.js";
import type { TrainParameters } from "../kinds/train.js";
import type { RunPlan } from "./run-graph.js";
import type { ExecutionOptions } from "../../train/settings.js";

/** Bytes of disk for models and checkpoints; the tokens of data sets are not in it. */
export interface DiskOfModels {
  /** What jobs leave. */
  readonly kept: number;
  /** What `parallel` parts have beside that while they train: two checkpoints for a moment, and with `offload` their state. */
  readonly passing: number;
}

/** f32 weights and two moments of a parameter. */
const checkpointBytes = 12;

/** @param open  jobs that are to be done; one that several strategies contain is there once */
export function diskOfModels(plan: RunPlan, open: readonly Job[], parallel: number): DiskOfModels {
  const { config, initializeJob, pretrainJob } = plan;
  const everything: Window = { first: 0, end: config.layers, embeddings: true };
  // A start that is given lies where it is.
  const made = [initializeJob, pretrainJob].filter(
    (job) => job !== null && !("files" in (job.parameters as InitializeParameters | TrainParameters)),
  );
  const kept = new Map([
    ...made.map((job) => [(job as Job).id, savedBytes(config, [everything], 4)] as const),
    ...plan.strategies.flatMap((strategy) => keptBytes(plan, strategy)),
  ]);
  const passing = open
    .filter(({ kind }) => kind === "train")
    .map(({ parameters, options }) => {
      const { window } = parameters as TrainParameters;
      const offloaded = (options as ExecutionOptions).offload ? scratchBytes(config, window) : 0;
      return 2 * checkpointBytes * trainableParameters(config, window) + offloaded;
    });
  const largest = passing.sort((a, b) => b - a).slice(0, parallel);
  return {
    kept: open.reduce((sum, { id }) => sum + (kept.get(id) ?? 0), 0),
    passing: largest.reduce((sum, bytes) => sum + bytes, 0),
  };
}

/** Of each part and merge of a strategy: what was trained before it is f32 in all that comes after. */
function keptBytes(
  { config, storedBytesPerElement }: RunPlan,
  { strategy, planned, parts, merges, curve }: StrategyJobs,
): (readonly [id: string, bytes: number])[] {
  const until = (round: number) =>
    planned
      .slice(0, round + 1)
      .flat()
      .map(({ window }) => window);
  const saved = (windows: readonly Window[]) => savedBytes(config, windows, storedBytesPerElement);
  const ofParts = parts.flatMap((jobs, round) =>
    jobs.map(({ id, parameters }) => {
      const { window, snapshots } = parameters as TrainParameters;
      const checkpoint = round + 1 < strategy.rounds ? checkpointBytes * trainableParameters(config, window) : 0;
      return [id, (1 + snapshots.length) * saved([...until(round - 1), window]) + checkpoint] as const;
    }),
  );
  // Momentum is f32 too, of what is trained alone.
  const momentum = strategy.merge.outerOptimizer === null ? 0 : savedBytes(config, until(planned.length), 0);
  const ofMerges = merges.map(({ id }, round) => [id, saved(until(round)) + momentum] as const);
  const ofCurve = curve.flatMap(({ merge }) => (merge ? [[merge.id, saved(until(0))] as const] : []));
  return [...ofParts, ...ofMerges, ...ofCurve];
}
