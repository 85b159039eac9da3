/** What of a part decides how long it takes. */
export interface TimedPart {
  readonly round: number;
  readonly tokens: number;
  /** Per token. */
  readonly cost: number;
}

/** Durations of a strategy relative to vanilla's: with a machine for every part, and with `parallel` parts at a time. */
export function expectedShares(
  parts: readonly TimedPart[], vanillaWork: number, parallel: number,
): { shareOfVanilla: number; shareOfVanillaHere: number } {
  const rounds = [...new Set(parts.map(({ round }) => round))].map((round) =>
    parts.filter((part) => part.round === round).map(({ tokens, cost }) => tokens * cost),
  );
  const sum = (works: readonly number[]) => works.reduce((a, b) => a + b, 0);
  return {
    shareOfVanilla: sum(rounds.map((work) => Math.max(...work))) / vanillaWork,
    shareOfVanillaHere: sum(rounds.map((work) => lastToEnd(work, parallel))) / vanillaWork,
  };
}

/** Jobs in order, each to the machine that is free first: when the last one ends. */
function lastToEnd(work: readonly number[], machines: number): number {
  const busyUntil = Array.from({ length: Math.max(1, machines) }, () => 0);
  for (const job of work) busyUntil[busyUntil.indexOf(Math.min(...busyUntil))] += job;
  return Math.max(...busyUntil);
}
