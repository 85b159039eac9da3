import { expectedShares, type ExpectedShares } from "../../plan/time.js";
import { peakMemory } from "../../plan/memory.js";
import type { PlannedPart } from "../../plan/plan-parts.js";
import type { RunPlan } from "./run-graph.js";

/** One part of a strategy, with the strategy that trains it where that is another one. */
export interface PartSummary extends PlannedPart {
  readonly strategy: string;
  readonly job: string;
  /** The model that it starts from, by the job and the path in it. */
  readonly start: string;
  readonly sharedWith: string | null;
}

export interface StrategySummary extends ExpectedShares {
  readonly name: string;
  readonly parts: number;
  /** Parts that no earlier strategy contains. */
  readonly toTrain: number;
}

export interface PlanSummary {
  readonly parts: readonly PartSummary[];
  readonly strategies: readonly StrategySummary[];
  readonly partsToTrain: number;
  /** Parts at a time. */
  readonly parallel: number;
  /** Of the largest `parallel` parts together, or of pre-training if that takes more; weights that parts share count once. */
  readonly peakMemoryBytes: number;
}

/** A run in figures. Parts with the same job are trained once: the first strategy that contains one owns it. */
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
    strategies: strategies.map(({ strategy: { name }, planned }) => {
      const own = parts.filter(({ strategy }) => strategy === name);
      const toTrain = new Set(own.filter(({ sharedWith }) => sharedWith === null).map(({ job }) => job)).size;
      return { name, parts: own.length, toTrain, ...expectedShares(planned, parallel) };
    }),
    partsToTrain: owners.size,
    parallel,
    peakMemoryBytes: Math.max(together, pretraining?.memoryBytes ?? 0),
  };
}
