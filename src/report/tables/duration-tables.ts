import type { PartFacts, ReportFacts } from "../facts.js";
import { durationShare, vanillaOf } from "../columns.js";
import { formatCount, formatDuration, formatShare, formatTraffic, missing } from "../numbers.js";
import { number, plain, word, type Cell, type Table } from "./table.js";

/** Windows (the paper's table 1), exchanges and durations of the strategies. */
export function durationTable(facts: ReportFacts): Table {
  return {
    id: "durations",
    title: "Strategies and durations",
    note:
      "Duration: the slowest part of each round, summed over the rounds, plus the merges and their searches of λ. " +
      "Parts of a round do not communicate, so with one machine for each they run in parallel. Exchanges: merges of " +
      "two parts or more. Sent and received: by the worker with the most traffic, over the whole run, without the " +
      "initial model.",
    columns: [
      word("Strategy"),
      word("Windows and merge"),
      number("Parts"),
      number("Tokens"),
      number("Exchanges"),
      number("Sent"),
      number("Received"),
      number("Merges"),
      number("Duration"),
      number("Share of vanilla's"),
    ],
    rows: facts.strategies.map((strategy) => {
      const { name, description, parts, tokens, exchanges, bytes, mergeSeconds, seconds } = strategy;
      const trained = [
        formatCount(parts.length),
        formatCount(tokens),
        formatCount(exchanges),
        formatTraffic(bytes.sent),
        formatTraffic(bytes.received),
        formatDuration(mergeSeconds),
      ];
      const cells = [
        name,
        description,
        ...(seconds === null ? trained.map(() => missing) : trained),
        formatDuration(seconds),
        formatShare(durationShare(facts, strategy)),
      ];
      return cells.map(plain);
    }),
    view: "whole",
    file: "durations.csv",
  };
}

/** Duration by layers trained and share of the data (the paper's tables 2 to 5); a shared part counts once. */
export function layersTable(facts: ReportFacts): Table {
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
    view: "whole",
    file: "parts.csv",
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
