import { expectedShares, type ExpectedShares } from "../plan/expected-shares.js";
import type { PlannedPart } from "../plan/plan-parts.js";
import type { RunPlan } from "./run-plan.js";

/** One part of a strategy, with the strategy that trains it where that is another one. */
export interface PartSummary extends PlannedPart {
  readonly strategy: string;
  readonly job: string;
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
  /** Of the largest `parallel` parts together, or of pre-training if that takes more. */
  readonly peakMemoryBytes: number;
}

/** A run in figures. Parts with the same job are trained once: the first strategy that contains one owns it. */
export function summarizePlan({ strategies, pretraining }: RunPlan, parallel: number): PlanSummary {
  const owners = new Map<string, string>();
  const parts = strategies.flatMap(({ strategy: { name }, parts: jobs, planned }) =>
    planned.flat().map((part): PartSummary => {
      const { id } = jobs[part.round][part.worker];
      const owner = owners.get(id) ?? name;
      owners.set(id, owner);
      return { ...part, strategy: name, job: id, sharedWith: owner === name ? null : owner };
    }),
  );
  const memory = [...new Map(parts.map(({ job, memoryBytes }) => [job, memoryBytes])).values()].sort((a, b) => b - a);
  const together = memory.slice(0, parallel).reduce((a, b) => a + b, 0);
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
