import type { Job } from "../../jobs/job.js";
import type { JobProgress } from "../../jobs/job-folder.js";
import { formatSeconds } from "../../text/format-seconds.js";
import type { JobsState } from "../../run/execute-runs.js";

/** Minimum weight of a job, so that many small jobs are visible in the progress. */
const minWeight = 0.002;

/** What is known of the jobs of a run. */
interface DoneState {
  isDone(id: string): boolean;
  /** Null unless the job is running. */
  progress(id: string): JobProgress | null;
}

/** Completed share of the expected work, in [0, 1]. */
export function shareDone(state: DoneState, jobs: readonly Pick<Job, "id" | "flops">[]): number {
  const total = jobs.reduce((sum, { flops }) => sum + flops, 0) || 1;
  const weight = ({ flops }: Pick<Job, "flops">) => flops / total + minWeight;
  let done = 0;
  let all = 0;
  for (const job of jobs) {
    all += weight(job);
    if (state.isDone(job.id)) {
      done += weight(job);
      continue;
    }
    const progress = state.progress(job.id);
    if (progress && progress.total > 0) done += weight(job) * Math.min(1, progress.done / progress.total);
  }
  return all === 0 ? 1 : done / all;
}

export interface ProgressView {
  /** Prints a line above the redrawn one. */
  print(line: string): void;
  stop(): void;
}

/** Shows the progress of a run: one redrawn line on a terminal, a plain line every five seconds elsewhere. */
export function showProgress(state: JobsState, out: NodeJS.WriteStream): ProgressView {
  const jobs = state.jobs.filter(({ id }) => !state.statuses.get(id)?.reused);
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const stateOf = (id: string) => state.statuses.get(id)?.state;
  const known: DoneState = {
    isDone: (id) => stateOf(id) === "done",
    progress: (id) => (stateOf(id) === "running" ? state.progress(byId.get(id) as Job) : null),
  };
  const started = performance.now();
  const line = () => {
    const share = shareDone(known, jobs);
    const elapsed = (performance.now() - started) / 1000;
    const left = share > 0.02 ? `about ${formatSeconds((elapsed * (1 - share)) / share)} left` : "estimating";
    const running = jobs.filter(({ id }) => state.statuses.get(id)?.state === "running");
    const finished = jobs.filter(({ id }) => state.statuses.get(id)?.state === "done").length;
    const doing = running.map((job) => describe(state, job)).join(" | ");
    const time = `${formatSeconds(elapsed)}, ${left}`;
    return `${Math.round(share * 100)} %  ${finished}/${jobs.length} jobs  ${time}  ${doing}`;
  };
  const clear = () => (out.isTTY ? out.write("\r\x1b[2K") : true);
  const timer = setInterval(
    () => {
      if (out.isTTY) out.write(`\r\x1b[2K${line().slice(0, (out.columns ?? 80) - 1)}`);
      else out.write(`${line()}\n`);
    },
    out.isTTY ? 200 : 5000,
  );
  return {
    print(text) {
      clear();
      out.write(`${text}\n`);
    },
    stop() {
      clearInterval(timer);
      clear();
    },
  };
}

/** `120/400 steps` */
export function progressText({ done, total, unit }: JobProgress): string {
  const isBytes = unit.startsWith("bytes");
  const shown = (amount: number) => (isBytes ? String(Math.round(amount / 1e6)) : String(amount));
  const fraction = total > 0 ? `${shown(done)}/${shown(total)}` : shown(done);
  return `${fraction} ${isBytes ? unit.replace("bytes", "MB") : unit}`;
}

function describe(state: JobsState, job: Job): string {
  const progress = state.progress(job);
  if (!progress) return job.title;
  const { note, secondsLeft } = progress;
  const amount = progressText(progress);
  const left = secondsLeft === undefined ? [] : [`about ${formatSeconds(secondsLeft)} left`];
  return `${job.title}: ${[amount, ...left, ...(note ? [note] : [])].join(", ")}`;
}
