import type { MergeSettings } from "../merge/settings.js";
import type { Window } from "../model/config/parameters.js";
import { StrataError } from "../errors/strata-error.js";

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

/** How the paper merges: slerp in pairs, 80 % from the side that trained a layer alone. */
export const paperMerge: MergeSettings = {
  method: "slerp",
  trainedShare: 0.8,
  density: 1,
  lambda: 1,
  outerOptimizer: null,
};

/** Table 1 of the paper: half-open ranges of its 16 layers, for its four parts. */
const paperLayers = 16;
const paperWindows: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  "slerp-1": [
    [0, 4],
    [4, 8],
    [8, 12],
    [12, 16],
  ],
  "slerp-2": [
    [0, 8],
    [0, 8],
    [8, 16],
    [8, 16],
  ],
  "slerp-3": [
    [0, 6],
    [4, 9],
    [7, 13],
    [11, 16],
  ],
  "slerp-4": [
    [0, 16],
    [0, 16],
    [0, 16],
    [0, 16],
  ],
  "slerp-5": [
    [0, 4],
    [0, 8],
    [8, 16],
    [12, 16],
  ],
  "slerp-6": [
    [0, 16],
    [4, 16],
    [8, 16],
    [12, 16],
  ],
  "slerp-7": [
    [0, 12],
    [6, 12],
    [10, 16],
    [4, 16],
  ],
  "slerp-8": [
    [0, 4],
    [4, 16],
    [4, 16],
    [4, 16],
  ],
  "slerp-9": [
    [0, 12],
    [12, 16],
    [12, 16],
    [12, 16],
  ],
};

export const strategyPresets: readonly string[] = ["vanilla", ...Object.keys(paperWindows)];

/** A window with embedding, final norm and head if it covers every layer, without them otherwise. */
export function windowOver(first: number, end: number, layers: number): Window {
  return { first, end, embeddings: first === 0 && end === layers };
}

/**
 * `vanilla` or one of the paper's nine, for a model of so many layers.
 *
 * @throws StrataError if there is no preset of that name
 */
export function presetStrategy(name: string, layers: number): Strategy {
  const common = { name, rounds: 1, rotate: false, merge: paperMerge, keepOptimizerState: false };
  if (name === "vanilla") return { ...common, windows: [windowOver(0, layers, layers)] };
  if (!Object.hasOwn(paperWindows, name)) {
    throw new StrataError("PlanError", {
      where: "strategy",
      expected: `one of ${strategyPresets.join(", ")}`,
      got: JSON.stringify(name),
      hint: "Take a preset or write a strategy with windows of your own.",
    });
  }
  return { ...common, windows: paperWindows[name].map(([first, end]) => scaleWindow(first, end, layers)) };
}

/** Bounds in proportion to the depth, rounded; at least one layer. Windows that meet at 16 layers meet at every depth. */
function scaleWindow(first: number, end: number, layers: number): Window {
  const scaledFirst = Math.min(Math.round((first * layers) / paperLayers), layers - 1);
  const scaledEnd = Math.max(Math.round((end * layers) / paperLayers), scaledFirst + 1);
  return windowOver(scaledFirst, scaledEnd, layers);
}
