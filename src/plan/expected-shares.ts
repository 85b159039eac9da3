import type { PlannedPart } from "./plan-parts.js";

/** Expected durations of a strategy relative to vanilla's on one machine; merges are left out. */
export interface ExpectedShares {
  /** With a machine for every part: the slowest part of each round, summed. */
  readonly shareOfVanilla: number;
  /** With `parallel` parts at a time. */
  readonly shareOfVanillaHere: number;
}

/** @param rounds  [round][worker] */
export function expectedShares(rounds: readonly (readonly PlannedPart[])[], parallel: number): ExpectedShares {
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
