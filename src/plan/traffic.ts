import type { ModelConfig } from "../model/config/model-config.js";
import { elements } from "../model/config/parameter-counts.js";
import { parameters } from "../model/config/parameters.js";
import { isTrained, type Window } from "../model/config/window.js";
import type { Strategy } from "./strategy.js";

/** What the workers of a strategy exchange. */
export interface Traffic {
  /** Merges of several parts. */
  readonly exchanges: number;
  /** Bytes of the worker with the most traffic, without the initial model and the final one. */
  readonly sent: number;
  readonly received: number;
}

/** Of a weight in a merged model. */
const receivedBytes = 4;

/**
 * A worker sends its trained tensors at the end of a round of several workers, and receives before its next round the
 * tensors that others have changed since its last one.
 *
 * @param sentBytes  of the trained tensors of a part, as they travel
 */
export function trafficOf(
  { rounds }: Pick<Strategy, "rounds">,
  config: ModelConfig,
  sentBytes: (window: Window) => number,
): Traffic {
  const workers = Math.max(...rounds.map(({ windows }) => windows.length));
  const each = Array.from({ length: workers }, (_, worker) => workerTraffic(rounds, config, worker, sentBytes));
  const most = each.reduce((a, b) => (b.sent + b.received > a.sent + a.received ? b : a));
  return { exchanges: rounds.filter(({ windows }) => windows.length > 1).length, ...most };
}

function workerTraffic(
  rounds: Strategy["rounds"],
  config: ModelConfig,
  worker: number,
  sentBytes: (window: Window) => number,
): { readonly sent: number; readonly received: number } {
  let [sent, received] = [0, 0];
  /** Windows that were trained since the worker had the model. */
  let changed: Window[] = [];
  for (const { windows } of rounds) {
    if (worker < windows.length) {
      received += receivedBytes * elementsOf(config, changed);
      changed = [];
      if (windows.length > 1) sent += sentBytes(windows[worker]);
    }
    // A single worker has the model that it trained.
    if (windows.length > 1 || worker > 0) changed.push(...windows);
  }
  return { sent, received };
}

/** Of the parameters that at least one of the windows trains. */
function elementsOf(config: ModelConfig, windows: readonly Window[]): number {
  return parameters(config)
    .filter((parameter) => windows.some((window) => isTrained(parameter, window)))
    .reduce((sum, { shape }) => sum + elements(shape), 0);
}
