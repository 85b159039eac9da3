import { baseOf, columns, durationShare, preservedOf, candidates, vanillaOf, type Column } from "./columns.js";
import type { ReportFacts, StrategyFacts } from "./facts.js";
import { formatPreserved, formatShare } from "./numbers.js";
import { notDefined, type Preserved } from "./preserved.js";
import { plural } from "../text/plural.js";

/** A strategy's preserved improvement on the primary metric of each task where it is defined. */
export interface Standing {
  readonly strategy: StrategyFacts;
  readonly mean: Preserved;
  readonly byColumn: readonly { readonly column: Column; readonly preserved: Preserved }[];
}

/**
 * Best mean first. Means include only tasks on which every strategy has a preserved improvement, so they are
 * comparable.
 */
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

/** The result in one sentence, with a second one for ties. */
export function verdict(facts: ReportFacts): string {
  const vanilla = vanillaOf(facts);
  if (!baseOf(facts) || !vanilla)
    return "No verdict: strategies are compared with the base and vanilla training, and this run does not have both.";
  if (candidates(facts).length === 0) return "No verdict: vanilla is the only strategy of this run.";
  const ranking = standings(facts);
  if (ranking.length === 0) {
    return (
      "No verdict: vanilla training does not beat the base beyond noise on any task, so there is no improvement to " +
      "preserve. Train longer or evaluate on more items."
    );
  }
  const [best] = ranking;
  const { strategy, mean, byColumn } = best;
  const time = timeText(durationShare(facts, strategy));
  if (mean.share <= 0)
    return (
      `No strategy improved on the base: the best, ${strategy.name}, preserved ${formatPreserved(mean)} ` +
      `of vanilla's improvement${time}.`
    );
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

/** Strategies whose mean differs from the best by at most two standard errors of the difference. */
function tieText([best, ...others]: readonly Standing[]): string {
  const near = others.filter(({ mean }) => {
    if (mean.standardError === null || best.mean.standardError === null) return false;
    return best.mean.share - mean.share <= 2 * Math.hypot(mean.standardError, best.mean.standardError);
  });
  if (near.length === 0) return "";
  const names = near.map(({ strategy, mean }) => `${strategy.name} (${formatShare(mean.share)})`).join(", ");
  return ` Not distinguishable from it: ${names}.`;
}

/** Warnings about durations or scores of this run; often none. */
export function cautions(facts: ReportFacts): string[] {
  return [...undefinedCautions(facts), ...skippedCautions(facts), ...threadCautions(facts)];
}

function undefinedCautions(facts: ReportFacts): string[] {
  const all = candidates(facts);
  if (!vanillaOf(facts) || all.length === 0) return [];
  return columns(facts)
    .filter((column) => column.primary && all.every((strategy) => !preservedOf(facts, strategy, column)))
    .map(({ label }) => `${label}: preserved improvement is ${notDefined}.`);
}

function skippedCautions(facts: ReportFacts): string[] {
  return [...skippedRecords(facts)].map(
    ([task, skipped]) =>
      `${task}: ${plural(skipped, "bad record")} ${skipped === 1 ? "was" : "were"} skipped, as maxBadRecords allows. ` +
      "The scores are not comparable with those of programs that count all records.",
  );
}

function threadCautions(facts: ReportFacts): string[] {
  const vanilla = vanillaOf(facts);
  if (!vanilla) return [];
  const threads = (strategy: StrategyFacts) =>
    [...new Set(strategy.parts.map((part) => part.threads))].sort((a, b) => a - b);
  const unequal = candidates(facts).filter(
    (strategy) => strategy.parts.length > 0 && String(threads(strategy)) !== String(threads(vanilla)),
  );
  if (unequal.length === 0) return [];
  const each = unequal.map((strategy) => `${strategy.name} with ${threads(strategy).join(" or ")}`).join(", ");
  return [
    `Unequal threads: vanilla trained with ${threads(vanilla).join(" or ")}, ${each}. Durations and their shares of ` +
      "vanilla's are not comparable.",
  ];
}

/** Skipped records by task; all models of a run are scored on the same items. */
function skippedRecords({ strategies }: ReportFacts): ReadonlyMap<string, number> {
  return new Map(
    strategies
      .flatMap(({ scores }) => scores)
      .flatMap(({ task, skipped = 0 }) => (skipped > 0 ? [[task, skipped]] : [])),
  );
}
