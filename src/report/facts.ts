/** The input of a report: recorded facts as plain data. Nothing in this folder measures, trains or reads a clock. */

import type { RoundAttribution } from "../merge/attribution/round-attribution.js";
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
  /** True if an earlier strategy contains the same part, which was trained once. */
  readonly shared: boolean;
  readonly losses: readonly LossPoint[];
}

/** An evaluation during training: of the (merged) model after `fraction` of the steps. */
export interface CurvePoint {
  /** 0 < fraction ≤ 1. */
  readonly fraction: number;
  readonly seconds: number;
  readonly scores: readonly TaskScores[];
}

/** One round: the trainings of its workers and their merge. */
export interface RoundFacts {
  /** From 0. */
  readonly round: number;
  readonly workers: number;
  /** The slowest part, plus the merge and its search of λ. */
  readonly seconds: number;
  /** Of all workers. */
  readonly tokens: number;
  /** Mean training loss over the first and the last tenth of the steps of all workers; null without recorded steps. */
  readonly lossBefore: number | null;
  readonly lossAfter: number | null;
  /** Factor of the merged change; null without a merge. */
  readonly lambda: number | null;
  /** Mean cosine between the changes of two workers; null if no tensor was trained by two. */
  readonly cosine: number | null;
  /** ‖mean change‖ / mean ‖change‖: 1 when the workers agree, 1/√n when their changes are independent. */
  readonly meanNormRatio: number | null;
  /** What of the workers' changes the merge has; null without a merge. */
  readonly arrived: RoundAttribution | null;
}

/** By task and metric. */
export type ByMetric<Value> = Readonly<Record<string, Readonly<Record<string, Value>>>>;

/** The scores of one part of the last round, before the merge. */
export interface PartScores {
  readonly worker: number;
  readonly scores: readonly TaskScores[];
  /** With the scores of each strategy; as `ReportFacts.covariances`. */
  readonly covariances?: ByMetric<readonly (number | null)[]>;
}

export interface StrategyFacts {
  readonly name: string;
  /** Windows and merge method, such as "0-4 · 4-8 · 8-12 · 12-16, slerp". */
  readonly description: string;
  /** The slowest part of each round, summed over rounds, plus merges and searches of λ; null for the base. */
  readonly seconds: number | null;
  readonly tokens: number;
  readonly scores: readonly TaskScores[];
  readonly parts: readonly PartFacts[];
  readonly mergeSeconds: number;
  /** Merges of two parts or more. */
  readonly exchanges: number;
  /** Over the whole run, of the worker with the most traffic; without the initial model. */
  readonly bytes: { readonly sent: number; readonly received: number };
  readonly rounds: readonly RoundFacts[];
  /** Training settings of the workers that differ from the recipe's. */
  readonly changedTraining: Readonly<Record<string, string | number | boolean | null>>;
  /** Empty unless parts are evaluated. */
  readonly partScores: readonly PartScores[];
  readonly curve: readonly CurvePoint[];
}

export interface ReportFacts {
  readonly name: string;
  /** ISO 8601. */
  readonly date: string;
  readonly commit: string | null;
  readonly machine: string;
  /** How products were computed; with numbers of jobs, if not all in the same way. */
  readonly device: string;
  readonly threads: number;
  readonly seed: number;
  /** Whether BOS precedes texts: `auto` as the tokenizer's files say, `always` or `never`. */
  readonly bos: string;
  readonly strataVersion: string;
  readonly model: { readonly parameters: number; readonly layers: number; readonly start: string };
  /** Whether the numbers of the paper are shown beside those of this run. */
  readonly paper: boolean;
  /** The base first, then the strategies in the recipe's order; "vanilla" and "alone" are references. */
  readonly strategies: readonly StrategyFacts[];
  /**
   * Covariance matrices of the scores of the strategies, in their order, over the items that they are scored on. Null
   * where two strategies have no records of the same items; absent in records of earlier versions.
   */
  readonly covariances?: ByMetric<readonly (readonly (number | null)[])[]>;
}
