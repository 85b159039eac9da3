/** What a report is made of: recorded facts only, as plain data. Nothing in this room measures, trains or reads a clock. */

import type { TaskScores } from "../evaluate/output/scores.js";

export interface LossPoint {
  readonly step: number;
  readonly loss: number;
}

/** One trained part: one worker of one round. */
export interface PartFacts {
  readonly round: number;
  readonly worker: number;
  /** Half-open layer range such as "4-8". */
  readonly window: string;
  readonly layersTrained: number;
  readonly seconds: number;
  readonly tokens: number;
  readonly threads: number;
  /** True if an earlier strategy contains the same part: trained once, counted there. */
  readonly shared: boolean;
  readonly losses: readonly LossPoint[];
}

/** A score on the way: the (merged) model after `fraction` of the training. */
export interface CurvePoint {
  /** 0 < fraction ≤ 1 of the strategy's own training. */
  readonly fraction: number;
  readonly seconds: number;
  readonly scores: readonly TaskScores[];
}

export interface StrategyFacts {
  readonly name: string;
  /** Windows and merge in words, such as "0-4 · 4-8 · 8-12 · 12-16, slerp". */
  readonly description: string;
  /** The slowest part of each round, summed over rounds, plus merges; null for the base, which was not trained. */
  readonly seconds: number | null;
  readonly tokens: number;
  readonly scores: readonly TaskScores[];
  readonly parts: readonly PartFacts[];
  readonly mergeSeconds: number;
  readonly curve: readonly CurvePoint[];
}

export interface ReportFacts {
  readonly name: string;
  /** ISO 8601. */
  readonly date: string;
  readonly commit: string | null;
  readonly machine: string;
  readonly device: string;
  readonly threads: number;
  readonly seed: number;
  readonly strataVersion: string;
  readonly model: { readonly parameters: number; readonly layers: number; readonly start: string };
  /** First the base (no training), then vanilla by that name (if the recipe has it) and the others in the recipe's order. */
  readonly strategies: readonly StrategyFacts[];
}
