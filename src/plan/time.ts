import type { ModelConfig } from "../model/config/model-config.js";
import { matrixElements } from "../model/config/parameter-counts.js";
import { lowestLayer, type Window } from "../model/config/window.js";

/**
 * Work per token relative to a step that trains everything: (forward 1 + gradients of inputs for the layers from the
 * lowest trained one up and the head + gradients of the trained weights) / 3. Attention's own products are left out.
 */
export function stepCost(config: ModelConfig, window: Window): number {
  const { layer, head } = matrixElements(config);
  const all = config.layers * layer + head;
  const inputs = (config.layers - lowestLayer(window)) * layer + head;
  const weights = (window.end - window.first) * layer + (window.embeddings ? head : 0);
  return (all + inputs + weights) / (3 * all);
}

/** Expected durations of a strategy relative to vanilla's on one machine; merges are left out. */
export interface ExpectedShares {
  /** With a machine for every part: the slowest part of each round, summed. */
  readonly shareOfVanilla: number;
  /** With `parallel` parts at a time. */
  readonly shareOfVanillaHere: number;
}

/** @param rounds  [round][worker] */
export function expectedShares(
  rounds: readonly (readonly { readonly work: number }[])[],
  parallel: number,
): ExpectedShares {
  const sum = (works: readonly number[]) => works.reduce((a, b) => a + b, 0);
  const works = rounds.map((parts) => parts.map(({ work }) => work));
  return {
    shareOfVanilla: sum(works.map((round) => Math.max(...round))),
    shareOfVanillaHere: sum(works.map((round) => lastToEnd(round, parallel))),
  };
}

/** Jobs in order, each to the machine that is free first: when the last one ends. */
function lastToEnd(works: readonly number[], machines: number): number {
  const busyUntil = Array.from({ length: Math.max(1, machines) }, () => 0);
  for (const work of works) busyUntil[busyUntil.indexOf(Math.min(...busyUntil))] += work;
  return Math.max(...busyUntil);
}

/** The share of one large matrix product's rate that a training step reaches: a cautious guess. */
const usefulShare = 0.5;

/**
 * Seconds that jobs take on this machine, `parallel` at a time or one with all threads.
 *
 * @param flopsPerSecond  of one job, measured in a large matrix product
 */
export function expectedSeconds(
  jobs: readonly { readonly flops: number }[],
  flopsPerSecond: number,
  parallel: number,
): number {
  const total = jobs.reduce((sum, { flops }) => sum + flops, 0);
  return total / (flopsPerSecond * usefulShare * parallel);
}
