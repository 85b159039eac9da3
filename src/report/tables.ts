import {
  durationShare,
  metricLabel,
  metricOf,
  preservedOf,
  candidates,
  shownColumns,
  vanillaOf,
  type Column,
} from "./columns.js";
import type { PartFacts, ReportFacts, StrategyFacts } from "./facts.js";
import { formatCount, formatError, formatDuration, formatShare, formatValue, missing } from "./numbers.js";

/** A table of text cells, for HTML and Markdown. */
export interface Table {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  /** Adjacent columns with the same `group` share a heading; "" for none. */
  readonly columns: readonly { readonly group: string; readonly heading: string; readonly numeric: boolean }[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface Cell {
  readonly text: string;
  /** "±0.0121": the standard error of the number in `text`, or "". */
  readonly error: string;
  /** Whether this is the best strategy of its column. */
  readonly best: boolean;
}

const plain = (text: string): Cell => ({ text, error: "", best: false });
const word = (heading: string) => ({ group: "", heading, numeric: false });
const number = (heading: string, group = "") => ({ group, heading, numeric: true });

export function reportTables(facts: ReportFacts): Table[] {
  return [scoreTable(facts), durationTable(facts), layersTable(facts), partsTable(facts)];
}

/** Scores and preserved improvement: the paper's figures 3, 5, 6 and 7. */
function scoreTable(facts: ReportFacts): Table {
  const all = shownColumns(facts);
  const compared = candidates(facts);
  const best = all.map((column) => bestValue(compared, column));
  const row = (strategy: StrategyFacts) => [
    plain(strategy.name),
    plain(formatDuration(strategy.seconds)),
    plain(formatShare(durationShare(facts, strategy))),
    ...all.flatMap((column, index): Cell[] => {
      const metric = metricOf(strategy.scores, column);
      const isBest =
        compared.length > 1 && compared.includes(strategy) && metric !== null && metric.value === best[index];
      const score = { text: metric ? formatValue(metric.value) : missing, error: formatError(metric), best: isBest };
      return [score, { ...preservedText(facts, strategy, column), best: isBest }];
    }),
  ];
  return {
    id: "scores",
    title: "Scores",
    note:
      "Scores ± standard error. Preserved: the share of vanilla's improvement over the base, ± its standard error in " +
      "percentage points. The best strategy of each column is bold.",
    columns: [
      word("Strategy"),
      number("Duration"),
      number("Share of vanilla's"),
      ...all.flatMap((column) => metricHeadings(column)),
    ],
    rows: facts.strategies.map(row),
  };
}

/** A strategy's preserved improvement in a table; a dash for base and vanilla. */
export function preservedText(
  facts: ReportFacts,
  strategy: StrategyFacts,
  column: Column,
): { readonly text: string; readonly error: string } {
  if (!candidates(facts).includes(strategy) || !vanillaOf(facts)) return { text: missing, error: "" };
  const kept = preservedOf(facts, strategy, column);
  if (!kept) return { text: metricOf(strategy.scores, column) ? "not defined" : missing, error: "" };
  return {
    text: formatShare(kept.share),
    error: kept.standardError === null ? "" : `±${(kept.standardError * 100).toFixed(1)}`,
  };
}

function metricHeadings(column: Column) {
  const { task, higherIsBetter } = column;
  return [number(`${metricLabel(column)} ${higherIsBetter ? "↑" : "↓"}`, task), number("preserved", task)];
}

function bestValue(compared: readonly StrategyFacts[], column: Column): number | null {
  const values = compared.flatMap(({ scores }) => metricOf(scores, column)?.value ?? []);
  if (values.length === 0) return null;
  return column.higherIsBetter ? Math.max(...values) : Math.min(...values);
}

/** Windows (the paper's table 1) and durations of the strategies. */
function durationTable(facts: ReportFacts): Table {
  return {
    id: "durations",
    title: "Strategies and durations",
    note:
      "Duration: the slowest part of each round, summed over the rounds, plus the merges. Parts of a round do not " +
      "communicate, so with one machine for each they run in parallel.",
    columns: [
      word("Strategy"),
      word("Windows and merge"),
      number("Parts"),
      number("Tokens"),
      number("Merges"),
      number("Duration"),
      number("Share of vanilla's"),
    ],
    rows: facts.strategies.map((strategy) => {
      const { name, description, parts, tokens, mergeSeconds, seconds } = strategy;
      const trained = seconds !== null;
      const cells = [
        name,
        description,
        trained ? formatCount(parts.length) : missing,
        trained ? formatCount(tokens) : missing,
        trained ? formatDuration(mergeSeconds) : missing,
        formatDuration(seconds),
        formatShare(durationShare(facts, strategy)),
      ];
      return cells.map(plain);
    }),
  };
}

/** Duration by layers trained and share of the data (the paper's tables 2 to 5); a shared part counts once. */
function layersTable(facts: ReportFacts): Table {
  const vanillaTokens = vanillaOf(facts)?.tokens ?? 0;
  const groups = new Map<string, PartFacts[]>();
  for (const part of facts.strategies.flatMap(({ parts }) => parts).filter(({ shared }) => !shared)) {
    const key = `${part.layersTrained} ${Math.round((part.tokens / (vanillaTokens || 1)) * 100)}`;
    groups.set(key, [...(groups.get(key) ?? []), part]);
  }
  const sorted = [...groups.values()].sort(([a], [b]) =>
    b.tokens / a.tokens > 1.2 ? 1 : a.tokens / b.tokens > 1.2 ? -1 : a.layersTrained - b.layersTrained,
  );
  return {
    id: "layers",
    title: "Duration by layers trained",
    note:
      "Each row groups the parts that train the same number of layers on the same share of vanilla's tokens. A part " +
      "that several strategies share was trained once and counts once.",
    columns: [
      "Layers trained",
      "Share of vanilla's tokens",
      "Parts",
      "Tokens (mean)",
      "Duration (mean)",
      "Slowest",
      "Tokens per second",
    ].map((heading) => number(heading)),
    rows: sorted.map((parts) => layersRow(parts, vanillaTokens)),
  };
}

function layersRow(parts: readonly PartFacts[], vanillaTokens: number): Cell[] {
  const mean = (of: (part: PartFacts) => number) => parts.reduce((sum, part) => sum + of(part), 0) / parts.length;
  const tokens = mean((part) => part.tokens);
  const seconds = mean((part) => part.seconds);
  const cells = [
    formatCount(parts[0].layersTrained),
    vanillaTokens ? formatShare(tokens / vanillaTokens) : missing,
    formatCount(parts.length),
    formatCount(Math.round(tokens)),
    formatDuration(seconds),
    formatDuration(Math.max(...parts.map((part) => part.seconds))),
    seconds > 0 ? formatCount(Math.round(tokens / seconds)) : missing,
  ];
  return cells.map(plain);
}

function partsTable(facts: ReportFacts): Table {
  const rows = facts.strategies.flatMap(({ name, parts }) =>
    parts.map((part) =>
      [
        name,
        String(part.round + 1),
        String(part.worker + 1),
        part.window,
        formatCount(part.layersTrained),
        formatCount(part.tokens),
        formatDuration(part.seconds),
        formatCount(part.threads),
        finalLoss(part),
        part.shared ? "yes" : "no",
      ].map(plain),
    ),
  );
  return {
    id: "parts",
    title: "Parts",
    note:
      "All trained parts. Layers are half-open ranges: 4-8 means layers 4 to 7, counted from 0. The last loss is the " +
      "training loss of the last recorded step. Shared: an earlier strategy contains the same part, which was " +
      "trained once for both.",
    columns: [
      word("Strategy"),
      number("Round"),
      number("Part"),
      word("Layers"),
      number("Layers trained"),
      number("Tokens"),
      number("Duration"),
      number("Threads"),
      number("Last loss"),
      word("Shared"),
    ],
    rows,
  };
}

function finalLoss({ losses }: PartFacts): string {
  const last = losses[losses.length - 1];
  return last ? last.loss.toFixed(4) : missing;
}
