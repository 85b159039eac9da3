import type { ExchangeDType } from "../merge/exchange/formats.js";
import type { StrategyMerge } from "../merge/settings.js";
import type { Window } from "../model/config/window.js";
import type { TrainingSettings } from "../train/settings.js";

/** Training settings that a strategy has instead of the recipe's. */
export type TrainingOverrides = Partial<TrainingSettings>;

/** What a worker trains on: its own shard, or all shards. */
export type Reads = "own" | "all";

/** Rounds of parts. */
export interface Strategy {
  readonly name: string;
  readonly rounds: readonly Round[];
  /** Whether a worker that trains the same window as in the round before keeps its optimizer state. */
  readonly keepOptimizerState: boolean;
  /** Factor of vanilla's amount of training. */
  readonly amount: number;
  /** The share of the training data in each worker's shard; their sum is 1. */
  readonly dataShares: readonly number[];
  /** How the changes of the parts travel to the merges; `f32`: as their weights. */
  readonly exchange: ExchangeDType;
}

/** One training of each worker, then a merge if there are several. */
export interface Round {
  /** One per worker. */
  readonly windows: readonly Window[];
  readonly reads: Reads;
  /** Where the round begins and ends, as shares of the whole training: 0 ≤ from < to ≤ 1. */
  readonly from: number;
  readonly to: number;
  readonly merge: StrategyMerge;
  readonly training: TrainingOverrides;
}

/** Whether a worker's window and optimizer are those of the round before. */
export function continues({ keepOptimizerState, rounds }: Strategy, round: number, worker: number): boolean {
  if (!keepOptimizerState || round === 0 || round >= rounds.length) return false;
  const [before, now] = [rounds[round - 1], rounds[round]];
  const key = ({ windows, reads, training }: Round) => JSON.stringify([windows[worker], reads, training.optimizer]);
  return before.windows.length === now.windows.length && key(before) === key(now);
}
