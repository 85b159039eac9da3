/** The input of a report: recorded facts as plain data. Nothing in this folder measures, trains or reads a clock. */

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

export interface StrategyFacts {
  readonly name: string;
  /** Windows and merge method, such as "0-4 · 4-8 · 8-12 · 12-16, slerp". */
  readonly description: string;
  /** The slowest part of each round, summed over rounds, plus merges; null for the base. */
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
  /** Whether BOS precedes texts: `auto` as the tokenizer's files say, `always` or `never`. */
  readonly bos: string;
  readonly strataVersion: string;
  readonly model: { readonly parameters: number; readonly layers: number; readonly start: string };
  /** The base first, then the strategies in the recipe's order; the one named "vanilla" is the reference. */
  readonly strategies: readonly StrategyFacts[];
}
