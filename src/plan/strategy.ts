import type { MergeSettings } from "../merge/settings.js";
import type { Window } from "../model/config/window.js";

/** One strategy as plain data. A strategy of one window is one part that trains on all shards. */
export interface Strategy {
  readonly name: string;
  /** One per worker, in round 0; see `windowOf`. */
  readonly windows: readonly Window[];
  readonly rounds: number;
  /** Round r gives worker i windows[(i + r) mod P] in place of windows[i]. */
  readonly rotate: boolean;
  readonly merge: MergeSettings;
  /** A worker goes on with its optimizer's state from round to round. */
  readonly keepOptimizerState: boolean;
}

export function windowOf({ windows, rotate }: Strategy, round: number, worker: number): Window {
  return windows[rotate ? (worker + round) % windows.length : worker];
}
