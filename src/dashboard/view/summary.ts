import { statfsSync } from "node:fs";
import { max } from "d3-array";
import { formatCount } from "../../report/numbers.js";
import { describeWriter, isReachable } from "../../files/writer.js";
import { readText } from "../../files/read-text.js";
import type { ListedState } from "../../run/run-status.js";
import { shareOfStatus } from "../../run/share-done.js";
import { formatBytes } from "../../text/format-bytes.js";
import { formatSeconds } from "../../text/format-seconds.js";
import { plural } from "../../text/plural.js";
import type { WatchedRun } from "../state/watched-run.js";
import { stateSigns } from "./lanes.js";
import { secondsLeft } from "./time-left.js";
import { tag, type Markup } from "./tag.js";
import { viewQuery, type ViewState } from "./view-state.js";

/** More are counted. */
const maxFailures = 20;
const states: readonly ListedState[] = ["running", "failed", "queued", "waiting", "done"];

/** How far a run is: its jobs by state, speed, memory and disk. */
export function summary(run: WatchedRun): Markup {
  const { status, problem } = run;
  if (status === null) return tag("p", { class: "caution" }, problem ?? "Reading the run.");
  const { jobs, watchers, queueIsUnknown } = status;
  const count = (state: ListedState) => jobs.filter((job) => job.state === state).length;
  const share = shareOfStatus(jobs);
  const counted = states.filter((state) => count(state) > 0);
  return tag(
    "div",
    {},
    tag("progress", { max: 1, value: share, class: "whole", "aria-label": "share of the run that is done" }),
    tag(
      "p",
      { class: "counts" },
      tag("strong", {}, `${Math.floor(100 * share)} %`),
      ...counted.flatMap((state) => [
        " ",
        tag("span", { class: `state ${state}` }, `${stateSigns[state]} ${count(state)} ${state}`),
      ]),
      ` of ${plural(jobs.length, "job")}`,
    ),
    tag("dl", {}, ...facts(run).flatMap(([name, value]) => [tag("dt", {}, name), tag("dd", {}, value)])),
    queueIsUnknown ? tag("p", { class: "caution" }, "Slurm does not answer: its jobs are shown as waiting.") : null,
    problem === null ? null : tag("p", { class: "caution" }, problem),
    run.isReading ? tag("p", { class: "note" }, "Reading the journals of the trainings; curves are incomplete.") : null,
    watchers.length === 0 && count("done") < jobs.length && count("running") + count("queued") === 0
      ? tag("p", { class: "caution" }, "Nothing runs and nobody watches: the run was stopped, or it was killed.")
      : null,
  );
}

function facts(run: WatchedRun): [string, string][] {
  const { jobs, watchers } = run.status ?? { jobs: [], watchers: [] };
  const running = jobs.filter(({ state }) => state === "running");
  const speeds = running.flatMap(({ id }) => run.tail(id)?.tokensPerSecond ?? []);
  const left = max(running, (job) => secondsLeft(run, job) ?? undefined);
  const memory = running.flatMap(({ holder }) => (holder !== null && isReachable(holder) ? memoryOf(holder.pid) : []));
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const free = freeBytes(run.store.folder);
  return [
    ...(left === undefined ? [] : [["running jobs end in", `about ${formatSeconds(left)}`] as [string, string]]),
    ...(speeds.length === 0 ? [] : [["speed", `${formatCount(Math.round(sum(speeds)))} tokens/s`] as [string, string]]),
    ...(memory.length === 0
      ? []
      : [
          ["memory", `${formatBytes(sum(memory))} in ${memory.length} of the running jobs, on this host`] as [
            string,
            string,
          ],
        ]),
    ["disk", `${formatBytes(run.diskBytes)} of outputs${free === null ? "" : `, ${formatBytes(free)} free`}`],
    ...(watchers.length === 0 ? [] : [["watched by", watchers.map(describeWriter).join(", ")] as [string, string]]),
    ["folder", run.folder],
  ];
}

/** Resident memory of a process of this host; empty if the system does not say. */
function memoryOf(pid: number): number[] {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readText(`/proc/${pid}/status`))?.[1];
    return kilobytes === undefined ? [] : [Number(kilobytes) * 1024];
  } catch {
    return [];
  }
}

function freeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** The errors of failed jobs and of Slurm's steps, with where, what was expected, what was found and what to try. */
export function failures({ status }: WatchedRun, view: ViewState): Markup {
  const jobs = (status?.jobs ?? []).flatMap(({ id, title, failure }) => {
    if (failure === null) return [];
    return [failureMarkup(tag("a", { href: viewQuery(view, { job: id }), "data-job": id }, title), id, failure)];
  });
  const steps = (status?.stepStatuses ?? []).flatMap(({ name, job, failure }) =>
    failure === null ? [] : [failureMarkup(name, `job ${job} of Slurm`, failure)],
  );
  const all = [...jobs, ...steps];
  const more = all.length - maxFailures;
  return tag(
    "div",
    {},
    ...all.slice(0, maxFailures),
    more > 0 ? tag("p", { class: "note" }, `… and ${plural(more, "more failure")}, in the table of all jobs`) : null,
  );
}

function failureMarkup(title: Markup | string, where: string, failure: string): Markup {
  return tag(
    "section",
    { class: "failure" },
    tag("h3", {}, "✗ ", title),
    tag("p", { class: "note" }, where),
    tag("pre", { tabindex: 0 }, failure),
  );
}
