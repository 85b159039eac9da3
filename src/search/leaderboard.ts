import { formatCsv } from "../report/csv.js";
import { resultColumns, resultHeadings, type Result } from "./results.js";
import type { Objective } from "./settings.js";
import type { Values } from "./space.js";

/** `vanilla`: values for vanilla alone; `strategies`: values for the others, on top of the best ones of vanilla. */
export type PhaseName = "vanilla" | "strategies";

/** A candidate with the result of its last trial. */
export interface Candidate {
  readonly id: string;
  readonly phase: PhaseName;
  /** In the sequence of its phase, from 0. */
  readonly index: number;
  readonly values: Values;
  /** The share of the training that its last trial had. */
  readonly share: number;
  /** Of the best strategy that counts; null if none does. */
  readonly result: Result | null;
  /** Why there is no result; null if there is one, or if every strategy is too slow. */
  readonly failure: string | null;
  /** What it was trained on and by; null without a result, the commit also if the program is not a checkout. */
  readonly machine: string | null;
  readonly commit: string | null;
}

/** Best first: those with more training before those with less, candidates without a result last. */
export function rank(
  candidates: readonly Candidate[],
  { higherIsBetter }: Pick<Objective, "higherIsBetter">,
): Candidate[] {
  const cost = ({ result }: Candidate) => (result === null ? Infinity : higherIsBetter ? -result.value : result.value);
  return candidates.toSorted(
    (a, b) =>
      Number(a.result === null) - Number(b.result === null) ||
      b.share - a.share ||
      (cost(a) === cost(b) ? 0 : cost(a) - cost(b)) ||
      a.index - b.index,
  );
}

/** A line per candidate, of each phase the best first; numbers in full precision. */
export function leaderboardCsv(candidates: readonly Candidate[]): string {
  const paths = [...new Set(candidates.flatMap(({ values }) => Object.keys(values)))];
  const places = new Map<PhaseName, number>();
  const rows = candidates.map(({ id, phase, values, share, result, failure }) => {
    const place = (places.get(phase) ?? 0) + 1;
    places.set(phase, place);
    const numbers = resultColumns.map(([, of]) => (result === null ? null : of(result)));
    const chosen = paths.map((path) => (path in values ? JSON.stringify(values[path]) : null));
    return [phase, place, id, share, result?.strategy ?? null, ...numbers, failure, ...chosen];
  });
  const header = ["phase", "rank", "id", "share_of_training", "strategy", ...resultHeadings, "failure", ...paths];
  return formatCsv(header, rows);
}
