import { baseOf, columns, durationShare, preservedOf, candidates, vanillaOf, type Column } from "./columns.js";
import type { ReportFacts, StrategyFacts } from "./facts.js";
import { formatPreserved, formatShare } from "./numbers.js";
import { notDefined, type Preserved } from "./preserved.js";

/** A strategy's preserved improvement over the primary metric of each task where it is defined. */
export interface Standing {
  readonly strategy: StrategyFacts;
  readonly mean: Preserved;
  readonly byColumn: readonly { readonly column: Column; readonly preserved: Preserved }[];
}

/** Best mean first. Only tasks on which every strategy has a preserved improvement are counted, so that the means compare. */
export function standings(facts: ReportFacts): Standing[] {
  const all = candidates(facts);
  const counted = columns(facts).filter(
    (column) => column.primary && all.every((strategy) => preservedOf(facts, strategy, column)),
  );
  if (counted.length === 0) return [];
  return all
    .map((strategy) => {
      const byColumn = counted.map((column) => ({
        column,
        preserved: preservedOf(facts, strategy, column) as Preserved,
      }));
      return { strategy, mean: meanOf(byColumn.map(({ preserved }) => preserved)), byColumn };
    })
    .sort((a, b) => b.mean.share - a.mean.share);
}

function meanOf(values: readonly Preserved[]): Preserved {
  const share = values.reduce((sum, value) => sum + value.share, 0) / values.length;
  const known = values.every(({ standardError }) => standardError !== null);
  const standardError = known
    ? Math.hypot(...values.map((value) => value.standardError as number)) / values.length
    : null;
  return { share, standardError };
}

/** One sentence (and where needed a second one): what came out. */
export function verdict(facts: ReportFacts): string {
  const vanilla = vanillaOf(facts);
  if (!baseOf(facts) || !vanilla)
    return "Without both a base and vanilla training there is nothing to compare the strategies with.";
  if (candidates(facts).length === 0) return "Only vanilla training was run: there is no strategy to compare with it.";
  const ranking = standings(facts);
  if (ranking.length === 0) {
    return "No verdict: on no task does vanilla training beat the base beyond noise, so there is no improvement to preserve. Train longer or score on more items.";
  }
  const [best] = ranking;
  const { strategy, mean, byColumn } = best;
  const time = timeText(durationShare(facts, strategy));
  if (mean.share <= 0)
    return `No strategy improved on the base: the best, ${strategy.name}, preserved ${formatPreserved(mean)} of vanilla's improvement${time}.`;
  const detail = byColumn
    .map(({ column, preserved }) => `${formatShare(preserved.share)} on ${column.task}`)
    .join(", ");
  const what =
    byColumn.length === 1
      ? `${formatPreserved(mean)} of vanilla's improvement on ${byColumn[0].column.label}`
      : `${formatPreserved(mean)} of vanilla's improvement on average (${detail})`;
  return `${strategy.name}${ranking.length > 1 ? " did best: it" : ""} preserved ${what}${time}.${tieText(ranking)}`;
}

function timeText(share: number | null): string {
  return share === null ? "" : ` in ${formatShare(share)} of vanilla's duration`;
}

/** Names those whose mean is within two standard errors of the difference from the best. */
function tieText([best, ...others]: readonly Standing[]): string {
  const near = others.filter(({ mean }) => {
    if (mean.standardError === null || best.mean.standardError === null) return false;
    return best.mean.share - mean.share <= 2 * Math.hypot(mean.standardError, best.mean.standardError);
  });
  if (near.length === 0) return "";
  return ` Within the noise of it: ${near.map(({ strategy, mean }) => `${strategy.name} (${formatShare(mean.share)})`).join(", ")}.`;
}

/** What a reader must know before trusting the durations or the scores; computed, so often empty. */
export function cautions(facts: ReportFacts): string[] {
  const found: string[] = [];
  const undefinedOn = columns(facts).filter(
    (column) =>
      column.primary &&
      vanillaOf(facts) &&
      candidates(facts).length > 0 &&
      candidates(facts).every((strategy) => !preservedOf(facts, strategy, column)),
  );
  for (const { label } of undefinedOn) found.push(`${label}: preserved improvement is ${notDefined}.`);
  for (const [task, skipped] of skippedRecords(facts)) {
    found.push(
      `${task}: ${skipped} bad ${skipped === 1 ? "record was" : "records were"} skipped, as maxBadRecords allows. Scores of other programs, which count all records, do not compare with these.`,
    );
  }
  const threads = (strategy: StrategyFacts) =>
    [...new Set(strategy.parts.map((part) => part.threads))].sort((a, b) => a - b);
  const vanilla = vanillaOf(facts);
  const unlike = vanilla
    ? candidates(facts).filter(
        (strategy) => strategy.parts.length > 0 && String(threads(strategy)) !== String(threads(vanilla)),
      )
    : [];
  if (vanilla && unlike.length > 0) {
    const each = unlike.map((strategy) => `${strategy.name} with ${threads(strategy).join(" or ")}`).join(", ");
    found.push(
      `Unequal threads: vanilla trained with ${threads(vanilla).join(" or ")}, ${each}. The shares of vanilla's duration do not compare like with like.`,
    );
  }
  return found;
}

/** By task: the models of a run are scored on the same items. */
function skippedRecords({ strategies }: ReportFacts): ReadonlyMap<string, number> {
  return new Map(
    strategies
      .flatMap(({ scores }) => scores)
      .flatMap(({ task, skipped = 0 }) => (skipped > 0 ? [[task, skipped]] : [])),
  );
}
