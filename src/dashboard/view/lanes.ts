import { metricOf, shownColumns } from "../../report/columns.js";
import { formatCount, formatMetric } from "../../report/numbers.js";
import type { PlannedJob, StrategyRoles } from "../../run/graph/strategy-roles.js";
import { placeOfJob } from "../../run/place-of-job.js";
import type { ListedState, ListedStatus } from "../../run/run-status.js";
import { formatSeconds } from "../../text/format-seconds.js";
import type { WatchedRun } from "../state/watched-run.js";
import { secondsLeft } from "./time-left.js";
import { tag, type Markup } from "./tag.js";
import { viewQuery, type ViewState } from "./view-state.js";

/** A sign for each state, for readers who do not see its color. */
export const stateSigns: Readonly<Record<ListedState, string>> = {
  done: "✓",
  running: "▶",
  queued: "◷",
  waiting: "·",
  failed: "✗",
};

/** With more workers, cells are small and lack their details. */
const fewWorkers = 32;
const fewScores = 4;

/** The id of the element that shows a job in the lanes of a strategy. */
const cellId = (strategy: number, job: string) => `cell-${strategy}-${job}`;
export const isCell = (id: string) => id.startsWith("cell-");

type Cells = ReadonlyMap<string, Markup>;

/**
 * The job graph: for each strategy a table of workers × rounds, with the merges between them.
 *
 * @param cells  what is in the cells, by their ids; others are empty
 */
export function lanes(run: WatchedRun, view: ViewState, cells: Cells): Markup {
  const strategies = run.plan?.strategies ?? [];
  return tag("div", { class: "lanes" }, ...strategies.map((roles, index) => strategyLanes(roles, index, view, cells)));
}

function strategyLanes(roles: StrategyRoles<PlannedJob>, index: number, view: ViewState, cells: Cells): Markup {
  const { strategy, parts, evaluation } = roles;
  const workers = Math.max(...parts.map((round) => round.length));
  const isSmall = workers > fewWorkers;
  const mergeOf = mergesByRound(roles);
  const head = tag(
    "tr",
    {},
    tag("th", { scope: "col" }, "worker"),
    ...parts.flatMap((_, round) => [
      tag("th", { scope: "col" }, parts.length > 1 ? `round ${round + 1}` : "training"),
      ...(mergeOf[round] === null ? [] : [tag("th", { scope: "col" }, "merge")]),
    ]),
    tag("th", { scope: "col" }, "scores"),
  );
  const cell = (job: PlannedJob | undefined, rows = 1) => {
    if (job === undefined) return tag("td", {});
    const at = cellId(index, job.id);
    return tag("td", { rowspan: rows > 1 ? rows : null, class: "job", id: at }, cells.get(at) ?? null);
  };
  const body = Array.from({ length: workers }, (_, worker) =>
    tag(
      "tr",
      {},
      tag("th", { scope: "row" }, String(worker + 1)),
      ...parts.flatMap((round, at) => {
        const merge = mergeOf[at];
        return [cell(round[worker]), ...(merge === null || worker > 0 ? [] : [cell(merge, workers)])];
      }),
      worker === 0 ? cell(evaluation, workers) : null,
    ),
  );
  const id = `lanes-${index}`;
  return tag(
    "section",
    { class: isSmall ? "lane small" : "lane", "aria-labelledby": id },
    tag(
      "h3",
      { id },
      strategy.name,
      " ",
      tag("a", { href: `${viewQuery(view, { strategy: strategy.name })}#losses`, class: "quiet" }, "curves"),
    ),
    tag(
      "div",
      { class: isSmall ? "wide tall" : "wide", tabindex: 0, role: "region", "aria-label": `jobs of ${strategy.name}` },
      [tag("table", {}, tag("thead", {}, head), tag("tbody", {}, ...body))],
    ),
  );
}

function mergesByRound({ parts, merges }: StrategyRoles<PlannedJob>): (PlannedJob | null)[] {
  let next = 0;
  return parts.map((round) => (round.length > 1 ? merges[next++] : null));
}

/** The content of the cells of `lanes`, by their ids: they change more often than the tables around them. */
export function laneCells(run: WatchedRun, view: ViewState): Map<string, Markup> {
  const byId = new Map(run.status?.jobs.map((job) => [job.id, job]));
  const cells = new Map<string, Markup>();
  for (const [index, roles] of (run.plan?.strategies ?? []).entries()) {
    const isSmall = Math.max(...roles.parts.map((round) => round.length)) > fewWorkers;
    for (const { id } of [...roles.parts.flat(), ...roles.merges, roles.evaluation]) {
      const job = byId.get(id);
      const scores = id === roles.evaluation.id ? scoresOf(run, roles.strategy.name) : [];
      if (job) cells.set(cellId(index, id), isSmall ? smallCell(job, view) : jobCell(run, job, view, scores));
    }
  }
  return cells;
}

function jobLink(
  { id, title, state }: ListedStatus,
  view: ViewState,
  ...content: readonly (Markup | string | null)[]
): Markup {
  const name = `${title}: ${state}`;
  return tag("a", { href: viewQuery(view, { job: id }), title: name, "data-job": id }, ...content);
}

function smallCell(job: ListedStatus, view: ViewState): Markup {
  const share = shareOf(job);
  const text = job.state === "running" && share !== null ? `${Math.floor(100 * share)}%` : stateSigns[job.state];
  return jobLink(job, view, tag("span", { class: `state ${job.state}` }, text));
}

/** The first scores of a finished strategy; all are in the table of scores. */
function scoresOf({ facts: { finished } }: WatchedRun, name: string): string[] {
  const strategy = finished?.strategies.find((one) => one.name === name);
  if (finished === null || strategy === undefined) return [];
  return shownColumns(finished)
    .slice(0, fewScores)
    .map((column) => `${column.label} ${formatMetric(metricOf(strategy.scores, column))}`);
}

function jobCell(run: WatchedRun, job: ListedStatus, view: ViewState, scores: readonly string[]): Markup {
  const { state } = job;
  const left = secondsLeft(run, job);
  const share = shareOf(job);
  const tail = run.tail(job.id);
  const loss = tail?.last?.loss;
  const speed = state === "running" ? (tail?.tokensPerSecond ?? null) : null;
  const details = [
    state === "running" && left !== null ? `${formatSeconds(left)} left` : null,
    stoppedAt(job),
    loss === undefined ? null : `loss ${loss.toFixed(3)}`,
    speed === null ? null : `${formatCount(Math.round(speed))} tokens/s`,
    state === "running" || state === "queued" ? placeOfJob(job) : null,
    ...scores,
  ].filter((text) => text !== null);
  return jobLink(
    job,
    view,
    tag("span", { class: `state ${state}` }, `${stateSigns[state]} ${state}`),
    ...(state === "running"
      ? [
          " ",
          tag("progress", { max: 1, value: share ?? 0, "aria-label": job.title }),
          `${Math.floor(100 * (share ?? 0))} %`,
        ]
      : []),
    ...details.map((text) => tag("span", { class: "detail" }, text)),
    job.failure === null ? null : tag("span", { class: "detail reason" }, job.failure.split("\n", 1)[0]),
  );
}

/** Of a job whose process has ended before it was done; null for all others. */
export function stoppedAt(job: ListedStatus): string | null {
  const share = shareOf(job);
  return job.state === "running" || share === null ? null : `stopped at ${Math.floor(100 * share)} %`;
}

/** Null if it is not known. */
export function shareOf({ progress }: ListedStatus): number | null {
  return progress === null || progress.total <= 0 ? null : Math.min(1, progress.done / progress.total);
}
