import type { Done } from "../../jobs/job-folder.js";
import type { MergeRecord } from "../../merge/settings.js";
import type { LineSearchResult } from "../kinds/line-search.js";
import type { PartFacts, RoundFacts } from "../../report/facts.js";

/**
 * The rounds of a strategy.
 *
 * @param parts   of all rounds
 * @param merges    one per round of several workers
 * @param searches  of λ after each merge; null where λ is given
 */
export function roundFacts(
  parts: readonly PartFacts[],
  merges: readonly Done[],
  searches: readonly (Done | null)[],
): RoundFacts[] {
  let merged = 0;
  return [...new Set(parts.map(({ round }) => round))].map((round) => {
    const workers = parts.filter((part) => part.round === round);
    const [merge, search] = workers.length > 1 ? [merges[merged], searches[merged]] : [null, null];
    if (workers.length > 1) merged++;
    const record = merge?.result as MergeRecord | undefined;
    return {
      round,
      workers: workers.length,
      seconds: Math.max(...workers.map(({ seconds }) => seconds)) + (merge?.seconds ?? 0) + (search?.seconds ?? 0),
      tokens: workers.reduce((sum, { tokens }) => sum + tokens, 0),
      lossBefore: meanLoss(workers, (losses) => losses.slice(0, tenth(losses))),
      lossAfter: meanLoss(workers, (losses) => losses.slice(-tenth(losses))),
      lambda: (search?.result as LineSearchResult | undefined)?.lambda ?? record?.settings.lambda ?? null,
      cosine: record?.cosine ?? null,
      meanNormRatio: record?.meanNormRatio ?? null,
      arrived: record?.attribution ?? null,
    };
  });
}

function tenth(losses: PartFacts["losses"]): number {
  return Math.ceil(losses.length / 10);
}

/** Null without recorded steps. */
function meanLoss(
  workers: readonly PartFacts[],
  select: (losses: PartFacts["losses"]) => PartFacts["losses"],
): number | null {
  const counted = workers.flatMap(({ losses }) => (losses.length > 0 ? select(losses) : []));
  return counted.length === 0 ? null : counted.reduce((sum, { loss }) => sum + loss, 0) / counted.length;
}
