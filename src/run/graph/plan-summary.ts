import { expectedShares, type ExpectedShares } from "../../plan/time.js";
import { peakMemory } from "../../plan/memory.js";
import { trafficOf, type Traffic } from "../../plan/traffic.js";
import { exchangedBytes } from "../../merge/exchange/formats.js";
import type { PlannedPart } from "../../plan/plan-parts.js";
import type { RunPlan } from "./run-graph.js";

/** One part of a strategy. */
export interface PartSummary extends PlannedPart {
  readonly strategy: string;
  readonly job: string;
  /** The model it starts from, as `JOB/PATH`. */
  readonly start: string;
  /** The earlier strategy that trains the same part; null if there is none. */
  readonly sharedWith: string | null;
}

export interface StrategySummary extends ExpectedShares, Traffic {
  readonly name: string;
  readonly parts: number;
  /** Parts that no earlier strategy contains. */
  readonly toTrain: number;
}

export interface PlanSummary {
  readonly parts: readonly PartSummary[];
  readonly strategies: readonly StrategySummary[];
  readonly partsToTrain: number;
  /** Parts that run in parallel. */
  readonly parallel: number;
  /** Of `parallel` parts or of pre-training, whichever is larger; frozen weights that parts share count once. */
  readonly peakMemoryBytes: number;
}

/**
 * The numbers of a plan. Parts with the same job are trained once and belong to the first strategy that contains them.
 */
export function summarizePlan(
  { config, storedBytesPerElement, strategies, pretraining }: RunPlan,
  parallel: number,
): PlanSummary {
  const owners = new Map<string, string>();
  const parts = strategies.flatMap(({ strategy: { name }, parts: jobs, planned }) =>
    planned.flat().map((part): PartSummary => {
      const {
        id,
        inputs: { start },
      } = jobs[part.round][part.worker];
      const owner = owners.get(id) ?? name;
      owners.set(id, owner);
      return {
        ...part,
        strategy: name,
        job: id,
        start: `${start.job}/${start.path}`,
        sharedWith: owner === name ? null : owner,
      };
    }),
  );
  const trained = parts.filter(({ job }, i) => parts.findIndex((part) => part.job === job) === i);
  const together = peakMemory(config, storedBytesPerElement, trained, parallel);
  return {
    parts,
    strategies: strategies.map(({ strategy, planned }) => {
      const { name } = strategy;
      const traffic = trafficOf(strategy, config, (window) => exchangedBytes(config, window, strategy.exchange));
      const own = parts.filter((part) => part.strategy === name);
      const toTrain = new Set(own.filter(({ sharedWith }) => sharedWith === null).map(({ job }) => job)).size;
      return { name, parts: own.length, toTrain, ...traffic, ...expectedShares(planned, parallel) };
    }),
    partsToTrain: owners.size,
    parallel,
    peakMemoryBytes: Math.max(together, pretraining?.memoryBytes ?? 0),
  };
}
