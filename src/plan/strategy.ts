import type { StrategyMerge } from "../merge/settings.js";
import type { Window } from "../model/config/window.js";

/** A strategy with a single window is one part that trains on all shards. */
export interface Strategy {
  readonly name: string;
  /** One per worker, in round 0; see `windowOf`. */
  readonly windows: readonly Window[];
  readonly rounds: number;
  /** Whether worker i trains windows[(i + r) mod P] in round r instead of windows[i]. */
  readonly rotate: boolean;
  readonly merge: StrategyMerge;
  /** Whether a worker keeps its optimizer state from round to round. */
  readonly keepOptimizerState: boolean;
}

export function windowOf({ windows, rotate }: Strategy, round: number, worker: number): Window {
  return windows[rotate ? (worker + round) % windows.length : worker];
}
