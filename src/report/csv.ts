import { columns, durationShare, metricOf, preservedOf, candidates } from "./columns.js";
import type { ReportFacts } from "./facts.js";

type Cell = string | number | boolean | null;

/** RFC 4180: quoted where needed, CRLF lines; null is an empty field; numbers in full precision. */
export function formatCsv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const field = (cell: Cell) => {
    const text = cell === null ? "" : String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [header, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

/** The tables of a report by file name. */
export function csvTables(facts: ReportFacts): Record<string, string> {
  return {
    "scores.csv": scores(facts),
    "durations.csv": durations(facts),
    "curves.csv": curves(facts),
    "parts.csv": parts(facts),
    "losses.csv": losses(facts),
  };
}

function scores(facts: ReportFacts): string {
  const compared = candidates(facts);
  const rows = facts.strategies.flatMap((strategy) =>
    columns(facts).flatMap((column): Cell[][] => {
      const metric = metricOf(strategy.scores, column);
      if (!metric) return [];
      const kept = compared.includes(strategy) ? preservedOf(facts, strategy, column) : null;
      const { value, standardError, higherIsBetter, count } = metric;
      return [
        [
          strategy.name,
          column.task,
          column.metric,
          value,
          standardError,
          count,
          higherIsBetter,
          kept?.share ?? null,
          kept?.standardError ?? null,
        ],
      ];
    }),
  );
  const header = [
    "strategy",
    "task",
    "metric",
    "value",
    "standard_error",
    "count",
    "higher_is_better",
    "preserved",
    "preserved_standard_error",
  ];
  return formatCsv(header, rows);
}

function durations(facts: ReportFacts): string {
  const rows = facts.strategies.map((strategy) => [
    strategy.name,
    strategy.description,
    strategy.seconds,
    durationShare(facts, strategy),
    strategy.mergeSeconds,
    strategy.tokens,
  ]);
  return formatCsv(["strategy", "description", "seconds", "share_of_vanilla", "merge_seconds", "tokens"], rows);
}

function curves(facts: ReportFacts): string {
  const rows = facts.strategies.flatMap(({ name, curve }) =>
    curve.flatMap(({ fraction, seconds, scores: taskScores }) =>
      taskScores.flatMap(({ task, metrics }) =>
        Object.entries(metrics).map(([metric, { value, standardError }]) => [
          name,
          fraction,
          seconds,
          task,
          metric,
          value,
          standardError,
        ]),
      ),
    ),
  );
  return formatCsv(["strategy", "fraction", "seconds", "task", "metric", "value", "standard_error"], rows);
}

function parts(facts: ReportFacts): string {
  const rows = facts.strategies.flatMap(({ name, parts: trained }) =>
    trained.map(({ round, worker, window, layersTrained, seconds, tokens, threads, shared }) => [
      name,
      round,
      worker,
      window,
      layersTrained,
      seconds,
      tokens,
      threads,
      shared,
    ]),
  );
  return formatCsv(
    ["strategy", "round", "worker", "window", "layers_trained", "seconds", "tokens", "threads", "shared"],
    rows,
  );
}

function losses(facts: ReportFacts): string {
  const rows = facts.strategies.flatMap(({ name, parts: trained }) =>
    trained.flatMap(({ round, worker, losses: points }) =>
      points.map(({ step, loss }) => [name, round, worker, step, loss]),
    ),
  );
  return formatCsv(["strategy", "round", "worker", "step", "loss"], rows);
}
