import type { ModelConfig } from "../model/config/model-config.js";
import { matrixElements } from "../model/config/parameter-counts.js";
import { lowestLayer, trainedLayers, type Window } from "../model/config/window.js";

/**
 * Work per token relative to a step that trains everything: (forward + input gradients from the head down to the lowest
 * trained layer + gradients of the trained weights) / 3. The products of attention scores and values are not counted.
 */
export function stepCost(config: ModelConfig, window: Window): number {
  const { layer, head } = matrixElements(config);
  const all = config.layers * layer + head;
  const inputs = (config.layers - lowestLayer(window)) * layer + head;
  const weights = trainedLayers(window).length * layer + (window.embeddings ? head : 0);
  return (all + inputs + weights) / (3 * all);
}

/** Expected durations of a strategy relative to vanilla's on one machine, without merges. */
export interface ExpectedShares {
  /** With one machine per part: the slowest part of each round, summed. */
  readonly shareOfVanilla: number;
  /** On one machine with `parallel` parts in parallel. */
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
    shareOfVanillaHere: sum(works.map((round) => scheduleLength(round, parallel))),
  };
}

/** The end of the last job if each job, in order, goes to the machine that is free first. */
function scheduleLength(works: readonly number[], machines: number): number {
  const busyUntil = Array.from({ length: Math.max(1, Math.min(machines, works.length)) }, () => 0);
  for (const work of works) busyUntil[busyUntil.indexOf(Math.min(...busyUntil))] += work;
  return Math.max(...busyUntil);
}

/** FLOP rate of a training step relative to that of a large matrix product: a conservative guess. */
const usefulShare = 0.5;

/**
 * Expected seconds of jobs on this machine, `parallel` in parallel.
 *
 * @param flopsPerSecond  of one job, measured with a large matrix product
 */
export function expectedSeconds(
  jobs: readonly { readonly flops: number }[],
  flopsPerSecond: number,
  parallel: number,
): number {
  const total = jobs.reduce((sum, { flops }) => sum + flops, 0);
  return total / (flopsPerSecond * usefulShare * parallel);
}
