import type { Metric, TaskScores } from "../evaluate/output/scores.js";
import type { ReportFacts, StrategyFacts } from "./facts.js";
import { columns, durationShare, metricOf, type Column } from "./columns.js";
import { measureOf, measureScored, measuresOf, type Measure } from "./measures/measures.js";
import type { Progress } from "./measures/progress.js";
import { paperExperiments, paperShares, paperStrategies } from "./paper-numbers.js";

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
    "rounds.csv": roundsCsv(facts),
    "arrived.csv": arrivedCsv(facts),
    "losses.csv": losses(facts),
    ...(facts.strategies.some(({ partScores: parts }) => parts.length > 0)
      ? { "part-scores.csv": partScores(facts) }
      : {}),
    ...(facts.paper ? { "paper.csv": paper() } : {}),
  };
}

function scores(facts: ReportFacts): string {
  const measures = measuresOf(facts);
  const rows = facts.strategies.flatMap((strategy) =>
    columns(facts).flatMap((column): Cell[][] => {
      const metric = metricOf(strategy.scores, column);
      if (!metric) return [];
      const shares = measures.flatMap((measure) => shareCells(measureOf(facts, measure, strategy, column)));
      return [[strategy.name, ...metricCells(column, metric), ...shares]];
    }),
  );
  return formatCsv(["strategy", ...metricHeader, ...measures.flatMap(shareHeader)], rows);
}

const metricHeader = ["task", "metric", "value", "standard_error", "count", "higher_is_better"];

function metricCells({ task, metric: name }: Column, metric: Metric): Cell[] {
  const { value, standardError, higherIsBetter, count } = metric;
  return [task, name, value, standardError, count, higherIsBetter];
}

const shareHeader = ({ csv }: Measure) => [csv, `${csv}_standard_error`];
const shareCells = (progress: Progress | null): Cell[] => [progress?.share ?? null, progress?.standardError ?? null];

function partScores(facts: ReportFacts): string {
  const measures = measuresOf(facts);
  const rows = facts.strategies.flatMap(({ name, partScores: parts }) =>
    parts.flatMap((part) =>
      columns({ strategies: [part] }).map((column): Cell[] => {
        const metric = metricOf(part.scores, column) as Metric;
        const shares = measures.flatMap((measure) => shareCells(measureScored(facts, measure, part, column)));
        return [name, part.worker, ...metricCells(column, metric), ...shares];
      }),
    ),
  );
  return formatCsv(["strategy", "worker", ...metricHeader, ...measures.flatMap(shareHeader)], rows);
}

function durations(facts: ReportFacts): string {
  const rows = facts.strategies.map((strategy) => [
    strategy.name,
    strategy.description,
    strategy.seconds,
    durationShare(facts, strategy),
    strategy.mergeSeconds,
    strategy.tokens,
    strategy.exchanges,
    strategy.bytes.sent,
    strategy.bytes.received,
  ]);
  const header = ["strategy", "description", "seconds", "share_of_vanilla", "merge_seconds", "tokens"];
  return formatCsv([...header, "exchanges", "bytes_sent", "bytes_received"], rows);
}

/** Task, metric, value and standard error of each score. */
export function scoreCells(scores: readonly TaskScores[]): Cell[][] {
  return scores.flatMap(({ task, metrics }) =>
    Object.entries(metrics).map(([metric, { value, standardError }]) => [task, metric, value, standardError]),
  );
}

function curves(facts: ReportFacts): string {
  const rows = facts.strategies.flatMap(({ name, curve }) =>
    curve.flatMap(({ fraction, seconds, scores: found }) =>
      scoreCells(found).map((cells) => [name, fraction, seconds, ...cells]),
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

/** What the tables of rounds need, also of strategies that are not finished. */
interface RoundsOf {
  readonly strategies: readonly Pick<StrategyFacts, "name" | "rounds">[];
}

export function roundsCsv(facts: RoundsOf): string {
  const rows = facts.strategies.flatMap(({ name, rounds: all }) =>
    all.map(({ round, workers, tokens, seconds, lossBefore, lossAfter, lambda, cosine, meanNormRatio }) => [
      name,
      round,
      workers,
      tokens,
      seconds,
      lossBefore,
      lossAfter,
      lambda,
      cosine,
      meanNormRatio,
    ]),
  );
  const header = ["strategy", "round", "workers", "tokens", "seconds", "loss_before", "loss_after"];
  return formatCsv([...header, "lambda", "cosine", "mean_norm_ratio"], rows);
}

/** One row per merge, group of layers and part. */
export function arrivedCsv(facts: RoundsOf): string {
  const rows = facts.strategies.flatMap(({ name, rounds: all }) =>
    all.flatMap(({ round, arrived: attribution }) =>
      (attribution?.layers ?? []).flatMap(({ label, change, shares, cosine, linearTensors }) =>
        shares.map((share, worker) => [name, round, label, change, worker, share, cosine, linearTensors]),
      ),
    ),
  );
  return formatCsv(["strategy", "round", "layers", "change", "worker", "share", "cosine", "linear_tensors"], rows);
}

/** The paper's numbers: one row per strategy, experiment and score. */
function paper(): string {
  const rows = paperStrategies.flatMap((name) =>
    paperExperiments.flatMap((experiment) => {
      const shares = paperShares(experiment, name);
      return experiment.scores.map((score, i) => [name, experiment.title, score, shares[i], shares[2]]);
    }),
  );
  return formatCsv(["strategy", "experiment", "score", "preserved", "share_of_vanilla"], rows);
}

function losses(facts: ReportFacts): string {
  const rows = facts.strategies.flatMap(({ name, parts: trained }) =>
    trained.flatMap(({ round, worker, losses: points }) =>
      points.map(({ step, loss }) => [name, round, worker, step, loss]),
    ),
  );
  return formatCsv(["strategy", "round", "worker", "step", "loss"], rows);
}
