import { durationShare } from "../columns.js";
import type { ReportFacts } from "../facts.js";
import { gapClosed, measureOf, preserved } from "../measures/measures.js";
import { meanProgress, noiseLimit, type Progress } from "../measures/progress.js";
import { standings, type Standing } from "../measures/standings.js";
import { formatShare } from "../numbers.js";
import { harmOfOthers, resultText, tieText, timeText } from "./verdict-text.js";

/** Whether a mean gap closed differs from 0, which is one machine alone. */
export function comparedWithAlone({ share, noise }: Progress): "better" | "worse" | "not distinguishable" {
  if (Math.abs(share) <= noiseLimit * noise) return "not distinguishable";
  return share > 0 ? "better" : "worse";
}

/** What the strategy that closes most of the gap has reached; null where gap closed is not defined. */
export function bestByGap(facts: ReportFacts): string | null {
  const ranking = standings(facts, gapClosed);
  if (ranking.length === 0) return null;
  const [best] = ranking;
  const { name } = best.strategy;
  const several = ranking.length > 1;
  const time = durationShare(facts, best.strategy);
  const result = `closed ${resultText(best, gapClosed)}${timeText(time)}`;
  switch (comparedWithAlone(best.mean)) {
    case "better":
      return (
        `${name}${several ? " did best: it" : ""} ${result}${preservedText(facts, best)}.` +
        `${vanillaText(best.mean)}${slowText(time)}${tieText(facts, gapClosed, ranking)}`
      );
    case "not distinguishable":
      return (
        `${several ? `The best strategy, ${name},` : name} brought nothing measurable: it ${result}` +
        `${preservedText(facts, best)}, which is within two standard errors of one machine alone.`
      );
    case "worse": {
      const harm = harmOfOthers([best.strategy]);
      const lead = several ? `No strategy is as good as one machine alone: the best, ${name},` : null;
      const text = lead ?? `${name} is worse than one machine alone: it`;
      return `${text} ${result}${preservedText(facts, best)}${harm ? `; ${harm}` : ""}.`;
    }
  }
}

/** " (98.1% of vanilla's improvement over the base preserved)", over the same tasks; "" where it is not defined. */
function preservedText(facts: ReportFacts, { strategy, byColumn }: Standing): string {
  const kept = byColumn.flatMap(({ column }) => measureOf(facts, preserved, strategy, column) ?? []);
  const mean = kept.length === byColumn.length ? meanProgress(kept) : null;
  return mean ? ` (${formatShare(mean.share)} of vanilla's improvement over the base preserved)` : "";
}

function vanillaText({ share, standardError }: Progress): string {
  if (share < 1) return "";
  const isBetter = share - 1 > noiseLimit * (standardError ?? 0);
  return isBetter ? " That is better than vanilla." : " That is as good as vanilla.";
}

function slowText(time: number | null): string {
  return time !== null && time > 1 ? " It took longer than vanilla." : "";
}
