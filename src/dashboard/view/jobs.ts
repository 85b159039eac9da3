import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { logPath } from "../../jobs/job-log.js";
import { formatCsv } from "../../report/csv.js";
import { savedAs } from "../../report/page/table-html.js";
import { placeOfJob } from "../../run/place-of-job.js";
import type { ListedState, ListedStatus } from "../../run/run-status.js";
import { formatSeconds } from "../../text/format-seconds.js";
import type { WatchedRun } from "../state/watched-run.js";
import { shareOf, stateSigns, stoppedAt } from "./lanes.js";
import { markup, tag, type Markup } from "./tag.js";
import { secondsLeft } from "./time-left.js";
import { viewQuery, type ViewState } from "./view-state.js";

const order: Readonly<Record<ListedState, number>> = { failed: 0, running: 1, queued: 2, waiting: 3, done: 4 };
/** More are counted; the lanes have all trainings. */
const maxRows = 200;
const logBytes = 64 << 10;

/** All jobs; what needs attention first. */
export function jobsTable(run: WatchedRun, view: ViewState, csv: string): Markup {
  const jobs = (run.status?.jobs ?? []).toSorted((a, b) => order[a.state] - order[b.state]);
  const rows = jobs.slice(0, maxRows).map((job) => jobRow(run, job, view));
  const headings = ["state", "job", "progress", "where"].map((text) => tag("th", { scope: "col" }, text));
  return tag(
    "div",
    {},
    tag("div", { class: "wide tall jobs", tabindex: 0, role: "region", "aria-label": "jobs" }, [
      tag("table", {}, tag("thead", {}, tag("tr", {}, ...headings)), tag("tbody", {}, ...rows)),
    ]),
    jobs.length > maxRows ? tag("p", { class: "note" }, `… and ${jobs.length - maxRows} more`) : null,
    markup(savedAs(csv, "CSV", "All jobs as CSV")),
  );
}

/** All jobs, with why they failed. */
export function jobsCsv(run: WatchedRun): string {
  const rows = (run.status?.jobs ?? []).map((job) => {
    const { id, kind, title, state, progress, failure } = job;
    return [
      id,
      kind,
      title,
      state,
      shareOf(job),
      secondsLeft(run, job),
      progress?.note ?? null,
      placeOfJob(job),
      failure,
    ];
  });
  const header = ["id", "kind", "title", "state", "share", "seconds_left", "note", "where", "failure"];
  return formatCsv(header, rows);
}

function jobRow(run: WatchedRun, job: ListedStatus, view: ViewState): Markup {
  const { id, title, state, progress } = job;
  const share = shareOf(job);
  const left = secondsLeft(run, job);
  const text = [
    stoppedAt(job) ?? (share === null ? "" : `${Math.floor(100 * share)} %`),
    left === null ? "" : `about ${formatSeconds(left)} left`,
    progress?.note ?? "",
  ];
  return tag(
    "tr",
    {},
    tag("td", {}, tag("span", { class: `state ${state}` }, `${stateSigns[state]} ${state}`)),
    tag("th", { scope: "row" }, tag("a", { href: viewQuery(view, { job: id }), title: id, "data-job": id }, title)),
    tag("td", {}, text.filter((one) => one !== "").join(", ")),
    tag("td", {}, placeOfJob(job)),
  );
}

/** The end of the log of the job that is open. */
export function logMarkup(run: WatchedRun, view: ViewState, address: (job: string) => string): Markup {
  const job = run.status?.jobs.find(({ id }) => id === view.job);
  if (job === undefined) return tag("div", {});
  return tag(
    "section",
    { class: "log", "aria-label": `log of ${job.title}` },
    tag("h2", {}, job.title),
    tag(
      "p",
      { class: "note" },
      `${stateSigns[job.state]} ${job.state}, ${job.id} `,
      tag("a", { href: address(job.id) }, "whole log"),
      " ",
      tag("a", { href: viewQuery(view, { job: null }), class: "close" }, "close"),
    ),
    job.failure === null ? null : tag("pre", { class: "failure", tabindex: 0 }, job.failure),
    tag("pre", { class: "end", tabindex: 0 }, readEnd(logPath(run.store, job.id)) || "The log is empty."),
  );
}

/** The last lines of a file; empty without one. */
function readEnd(path: string): string {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return "";
  }
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, logBytes));
    const text = bytes.toString("utf8", 0, readSync(file, bytes, 0, bytes.length, size - bytes.length));
    return size > logBytes ? text.slice(text.indexOf("\n") + 1) : text;
  } finally {
    closeSync(file);
  }
}
