import { describeWriter } from "../../files/writer.js";
import { placeOfJob } from "../../run/place-of-job.js";
import type { ListedState, ListedStatus, RunStatus } from "../../run/run-status.js";
import type { StepName, StepStatus } from "../../run/run-steps.js";
import { alignTable } from "../../text/align-table.js";
import { formatSeconds } from "../../text/format-seconds.js";
import { plural } from "../../text/plural.js";
import { progressText } from "./progress/progress-text.js";
import { shareOfStatus } from "../../run/share-done.js";

/** Rows of jobs that are not done; more are counted. */
const maxRows = 40;

/** The output of `strata status`. */
export function statusText(status: RunStatus): string {
  const { folder, jobs, watchers, stepStatuses, queueIsUnknown } = status;
  const count = (state: ListedState) => jobs.filter((job) => job.state === state).length;
  const states = (["done", "running", "queued", "waiting", "failed"] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${state}`)
    .join(", ");
  const lines = [
    `${folder}: ${Math.round(100 * shareOfStatus(jobs))} %, ${plural(jobs.length, "job")}: ${states}`,
    ...(watchers.length > 0 ? [`Watched by ${watchers.map(describeWriter).join(", ")}`] : []),
    ...(queueIsUnknown ? ["Slurm does not answer: jobs in its queue are shown as waiting"] : []),
    ...stepStatuses.flatMap(stepLine),
    ...(hasNewReport(status) ? [`Report: ${folder}/report.html`] : []),
  ];
  const table = jobsTable(jobs.filter(({ state }) => state !== "done"));
  const failures = jobs
    .filter(({ failure }) => failure !== null)
    .map(({ title, id, failure }) => `\n${title} failed (${id}):\n${failure}\n`);
  const failedSteps = stepStatuses
    .filter(({ failure }) => failure !== null)
    .map(({ name, job, failure }) => `\n${stepTitles[name]} failed (job ${job} of Slurm):\n${failure}\n`);
  return `${lines.join("\n")}\n${table}${failures.join("")}${failedSteps.join("")}`;
}

const stepTitles: Readonly<Record<StepName, string>> = { check: "Check of the data", report: "Report" };

/** Where a step is, unless it is done. */
function stepLine({ name, job, state }: StepStatus): string[] {
  const step = `${stepTitles[name]}: job ${job} of Slurm`;
  // Why the check did not run is why the report did not.
  if (state === "done" || (state === "dropped" && name === "check")) return [];
  if (state === "unknown") return [step];
  if (state === "dropped") return [`${step} did not run: what it waits for failed, or it was cancelled`];
  return [`${step} (${state})`];
}

function hasNewReport({ jobs, hasReport, stepStatuses }: RunStatus): boolean {
  const step = stepStatuses.find(({ name }) => name === "report");
  return hasReport && jobs.every(({ state }) => state === "done") && (step === undefined || step.state === "done");
}

function jobsTable(open: readonly ListedStatus[]): string {
  if (open.length === 0) return "";
  const order: Readonly<Record<ListedState, number>> = { running: 0, failed: 1, queued: 2, waiting: 3, done: 4 };
  const sorted = open.toSorted((a, b) => order[a.state] - order[b.state]);
  const rows = sorted.slice(0, maxRows).map((job) => [job.state, job.id, job.title, placeOfJob(job), amountText(job)]);
  const more = sorted.length > maxRows ? `… and ${sorted.length - maxRows} more\n` : "";
  return `\n${alignTable([["state", "job", "title", "where", "progress"], ...rows], "left")}\n${more}`;
}

function amountText({ state, progress }: ListedStatus): string {
  if (progress === null) return "";
  if (state !== "running") return `stopped at ${progressText(progress)}`;
  const left = progress.secondsLeft === undefined ? "" : `, about ${formatSeconds(progress.secondsLeft)} left`;
  return `${progressText(progress)}${left}${progress.note === "" ? "" : `, ${progress.note}`}`;
}
