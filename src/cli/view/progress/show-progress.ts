import type { Job } from "../../../jobs/job.js";
import type { JobsState } from "../../../run/execute-runs.js";
import { formatSeconds } from "../../../text/format-seconds.js";
import { terminalStyle } from "../../environment/terminal-style.js";
import { progressBlock, type RunningJob } from "./progress-block.js";
import { jobText } from "./progress-text.js";
import { redrawnBlock } from "./redrawn-block.js";
import { shareDone, type DoneState } from "../../../run/share-done.js";
import { createTimeLeft } from "./time-left.js";

export interface ProgressView {
  /** Prints a line above the progress. */
  print(line: string): void;
  stop(): void;
}

/**
 * Shows the progress of a run: on a terminal a redrawn block with a bar for each running job, elsewhere a plain line
 * every five seconds.
 */
export function showProgress(state: JobsState, out: NodeJS.WriteStream): ProgressView {
  const { redraws, unicode, colour } = terminalStyle(out, process.env);
  const heading = createHeading(state);
  if (!redraws) return plainProgress(state, heading, out);
  const timeLeft = createTimeLeft(() => performance.now());
  const running = (job: Job): RunningJob => {
    const progress = state.progress(job);
    return { title: job.title, progress, secondsLeft: progress === null ? null : timeLeft(job.id, progress) };
  };
  // A terminal that does not tell its size reports 0.
  return redrawnBlock(out, () => {
    const terminal = { columns: out.columns || 80, rows: out.rows || 24, unicode, colour };
    return progressBlock(heading(), runningJobs(state).map(running), terminal);
  });
}

function plainProgress(state: JobsState, heading: () => string, out: NodeJS.WriteStream): ProgressView {
  const timer = setInterval(() => {
    const doing = runningJobs(state).map((job) => jobText(job.title, state.progress(job)));
    out.write(`${heading()}  ${doing.join(" | ")}\n`);
  }, 5000);
  return {
    print: (line) => void out.write(`${line}\n`),
    stop: () => clearInterval(timer),
  };
}

/** `45 %  3/18 jobs  1 min 05 s, about 1 min 20 s left`, of the jobs that were not done before. */
function createHeading(state: JobsState): () => string {
  const jobs = ownJobs(state);
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const stateOf = (id: string) => state.statuses.get(id)?.state;
  const known: DoneState = {
    isDone: (id) => stateOf(id) === "done",
    progress: (id) => (stateOf(id) === "running" ? state.progress(byId.get(id) as Job) : null),
  };
  const started = performance.now();
  return () => {
    const share = shareDone(known, jobs);
    const elapsed = (performance.now() - started) / 1000;
    const left = share > 0.02 ? `about ${formatSeconds((elapsed * (1 - share)) / share)} left` : "estimating";
    const finished = jobs.filter(({ id }) => stateOf(id) === "done").length;
    return `${Math.round(share * 100)} %  ${finished}/${jobs.length} jobs  ${formatSeconds(elapsed)}, ${left}`;
  };
}

function ownJobs({ jobs, statuses }: JobsState): readonly Job[] {
  return jobs.filter(({ id }) => !statuses.get(id)?.reused);
}

function runningJobs(state: JobsState): readonly Job[] {
  return ownJobs(state).filter(({ id }) => state.statuses.get(id)?.state === "running");
}
