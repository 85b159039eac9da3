import type { RoundFacts, StrategyFacts } from "../facts.js";
import { formatCosine, formatCount, formatDuration, formatValue, missing } from "../numbers.js";
import { plural } from "../../text/plural.js";
import { number, plain, word, type Table } from "./table.js";

/** Strategies with more rounds have a table each. */
const fewRounds = 8;

/** One row per round of the strategies that merge; empty without one. */
export function roundsTables(facts: {
  readonly strategies: readonly Pick<StrategyFacts, "name" | "rounds" | "exchanges">[];
}): Table[] {
  const merging = facts.strategies.filter(({ exchanges }) => exchanges > 0);
  if (merging.length === 0) return [];
  const short = merging.filter(({ rounds }) => rounds.length <= fewRounds);
  const long = merging.filter(({ rounds }) => rounds.length > fewRounds);
  return [
    {
      id: "rounds",
      title: "Rounds",
      note:
        "One row per round. Tokens are those of all workers; seconds are the slowest part, the merge and its search " +
        "of λ. Loss before and after: mean training loss over the first and the last tenth of the workers' steps. λ: " +
        "factor of the merged change. Cosine: mean over pairs of workers of the cosine between their changes. Norm " +
        "ratio: ‖mean change‖ / mean ‖change‖, which is 1 when the workers agree and 1/√n when their changes are " +
        "independent.",
      columns: [word("Strategy"), ...roundColumns],
      rows: short.flatMap(({ name, rounds }) => rounds.map((round) => [plain(name), ...roundCells(round)])),
      view: "whole",
      file: "rounds.csv",
    },
    ...long.map(({ name, rounds }, index): Table => ({
      id: `rounds-${index + 1}`,
      title: `${name}: ${plural(rounds.length, "round")}`,
      note: "",
      columns: roundColumns,
      rows: rounds.map(roundCells),
      view: "folded",
      file: "rounds.csv",
    })),
  ];
}

const roundColumns = [
  "Round",
  "Workers",
  "Tokens",
  "Seconds",
  "Loss before",
  "Loss after",
  "λ",
  "Cosine",
  "Norm ratio",
].map((heading) => number(heading));

function roundCells(facts: RoundFacts) {
  const { round, workers, tokens, seconds, lossBefore, lossAfter, lambda, cosine, meanNormRatio } = facts;
  const optional = (value: number | null, write: (value: number) => string) =>
    value === null ? missing : write(value);
  return [
    String(round + 1),
    formatCount(workers),
    formatCount(tokens),
    formatDuration(seconds),
    optional(lossBefore, formatValue),
    optional(lossAfter, formatValue),
    optional(lambda, (value) => String(Number(value.toPrecision(3)))),
    optional(cosine, formatCosine),
    optional(meanNormRatio, (value) => value.toFixed(3)),
  ].map(plain);
}
