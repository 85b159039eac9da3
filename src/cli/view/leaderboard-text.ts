import { formatShare, formatValue, missing } from "../../report/numbers.js";
import type { Candidate } from "../../search/leaderboard.js";
import type { SearchResult } from "../../search/search-recipe.js";
import { valuesText } from "../../search/space.js";
import { alignTable } from "../../text/align-table.js";
import { shareText } from "./comparison-text.js";

const titles = { vanilla: "Vanilla", strategies: "Strategies" } as const;

/** The candidates of each phase, best first. */
export function leaderboardText({ candidates, objective }: SearchResult): string {
  const phases = (["vanilla", "strategies"] as const).filter((phase) => candidates.some((one) => one.phase === phase));
  const direction = objective.higherIsBetter ? "higher" : "lower";
  const tables = phases.map((phase) => {
    const own = candidates.filter((candidate) => candidate.phase === phase);
    return `${titles[phase]}: ${objective.label}, ${direction} is better\n${alignTable(rowsOf(phase, own))}`;
  });
  return tables.join("\n\n");
}

function rowsOf(phase: Candidate["phase"], candidates: readonly Candidate[]): string[][] {
  const isPartial = candidates.some(({ share }) => share < 1);
  const header = [
    "rank",
    ...(isPartial ? ["training"] : []),
    ...(phase === "vanilla" ? ["value"] : ["strategy", "value", "gap closed", "of vanilla", "exchanges"]),
    "values",
  ];
  return [
    header,
    ...candidates.map((candidate, i) => [
      String(i + 1),
      ...(isPartial ? [formatShare(candidate.share)] : []),
      ...(phase === "vanilla" ? [valueText(candidate)] : strategyCells(candidate)),
      valuesText(candidate.values),
    ]),
  ];
}

function strategyCells(candidate: Candidate): string[] {
  const { result } = candidate;
  if (result === null) return [missing, valueText(candidate), missing, missing, missing];
  const { strategy, gapClosed, gapClosedError, shareOfVanilla, exchanges } = result;
  const gap = shareText(gapClosed, gapClosedError);
  return [strategy, valueText(candidate), gap, formatShare(shareOfVanilla), String(exchanges)];
}

export function valueText({ result, failure }: Candidate): string {
  if (result === null) return failure === null ? "too slow" : "failed";
  return result.error === null
    ? formatValue(result.value)
    : `${formatValue(result.value)} ±${formatValue(result.error)}`;
}
