import { aloneOf, baseOf, candidates, durationShare, vanillaOf } from "../columns.js";
import type { ReportFacts } from "../facts.js";
import { bestByGap } from "./gap-verdict.js";
import { harmText } from "./harm.js";
import { preserved } from "../measures/measures.js";
import { standings, type Standing } from "../measures/standings.js";
import { resultText, tieText, timeText } from "./verdict-text.js";
import { formatProgress } from "../numbers.js";

/**
 * The result in one sentence, with more for ties and for strategies that are worse than one machine alone. Strategies
 * are ranked by the gap that they close, or by preserved improvement where that is not defined.
 */
export function verdict(facts: ReportFacts): string {
  if (!baseOf(facts) || !vanillaOf(facts))
    return "No verdict: strategies are compared with the base and vanilla training, and this run does not have both.";
  if (candidates(facts).length === 0) return "No verdict: vanilla is the only strategy of this run.";
  const alone = aloneOf(facts);
  const rivals = candidates(facts).filter((strategy) => strategy !== alone);
  const kept = standings(facts, preserved);
  const best =
    bestByGap(facts) ??
    (rivals.length > 0
      ? bestByPreserved(
          facts,
          kept.filter(({ strategy }) => strategy !== alone),
        )
      : onlyAlone(facts, kept));
  return [best, ...harmText(facts)].join(" ");
}

const nothingToPreserve =
  "No verdict: vanilla training does not beat the base beyond noise on any task, so there is no improvement to " +
  "preserve. Train longer or evaluate on more items.";

function bestByPreserved(facts: ReportFacts, ranking: readonly Standing[]): string {
  if (ranking.length === 0) return nothingToPreserve;
  const [best] = ranking;
  const { strategy, mean } = best;
  const time = timeText(durationShare(facts, strategy));
  if (mean.share <= 0)
    return (
      `No strategy improved on the base: the best, ${strategy.name}, preserved ${formatProgress(mean)} ` +
      `of vanilla's improvement${time}.`
    );
  const lead = `${strategy.name}${ranking.length > 1 ? " did best: it" : ""}`;
  return `${lead} preserved ${resultText(best, preserved)}${time}.${tieText(facts, preserved, ranking)}`;
}

function onlyAlone(facts: ReportFacts, [alone]: readonly Standing[]): string {
  if (!alone) return nothingToPreserve;
  const time = timeText(durationShare(facts, alone.strategy));
  return (
    `One machine alone preserved ${resultText(alone, preserved)}${time}. This run has no other strategy to compare ` +
    "with it."
  );
}
