import { aloneOf, candidates, columns, vanillaOf } from "../columns.js";
import type { ReportFacts, StrategyFacts } from "../facts.js";
import { measured, measureOf, measuresOf } from "../measures/measures.js";
import { plural } from "../../text/plural.js";

/** Warnings about durations or scores of this run; often none. */
export function cautions(facts: ReportFacts): string[] {
  return [...undefinedCautions(facts), ...skippedCautions(facts), ...threadCautions(facts), ...trainingCautions(facts)];
}

function undefinedCautions(facts: ReportFacts): string[] {
  const primary = columns(facts).filter((column) => column.primary);
  return measuresOf(facts).flatMap((measure) =>
    primary
      .filter((column) => measured(facts, measure).every((strategy) => !measureOf(facts, measure, strategy, column)))
      .map(({ label }) => `${label}: ${measure.notDefined}.`),
  );
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

/** Part of what such a strategy gains over `alone` is due to its settings, not to the other machines. */
function trainingCautions(facts: ReportFacts): string[] {
  const alone = aloneOf(facts);
  if (!alone) return [];
  const text = ({ changedTraining }: StrategyFacts) =>
    Object.entries(changedTraining)
      .map(([key, value]) => `${key} ${String(value)}`)
      .join(", ");
  const other = candidates(facts).filter((one) => one.exchanges > 0 && text(one) !== text(alone));
  const [first] = other;
  if (first === undefined) return [];
  const each = other.map((one) => `${one.name} (${text(one) || "the recipe's settings"})`).join("; ");
  return [
    `Trained with other settings than alone: ${each}. Part of the gap that they close may be due to these settings. ` +
      `To see how much, add \`{ preset: alone, name: alone-${first.name}, training: … }\` with the same ones.`,
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
