import type { Job } from "../../jobs/job.js";
import { formatSeconds } from "../../text/format-seconds.js";
import type { RunState } from "../../run/run-recipe.js";

/** The least that a job counts for, so that many small ones move the bar too. */
const smallest = 0.002;

/** Share of the expected work that is done, in [0, 1]. */
export function shareDone(state: RunState, jobs: readonly Job[]): number {
  const total = jobs.reduce((sum, { flops }) => sum + flops, 0) || 1;
  const weight = ({ flops }: Job) => flops / total + smallest;
  let done = 0;
  let all = 0;
  for (const job of jobs) {
    all += weight(job);
    const status = state.statuses.get(job.id)?.state;
    if (status === "done") done += weight(job);
    if (status !== "running") continue;
    const progress = state.progress(job);
    if (progress && progress.total > 0) done += weight(job) * Math.min(1, progress.done / progress.total);
  }
  return all === 0 ? 1 : done / all;
}

export interface ProgressView {
  /** A line that stays. */
  print(line: string): void;
  stop(): void;
}

/** Shows a run: one redrawn line on a terminal, a plain line every few seconds elsewhere. */
export function showProgress(state: RunState, out: NodeJS.WriteStream): ProgressView {
  const jobs = state.plan.jobs.filter(({ id }) => !state.statuses.get(id)?.reused);
  const started = performance.now();
  const line = () => {
    const share = shareDone(state, jobs);
    const elapsed = (performance.now() - started) / 1000;
    const left = share > 0.02 ? `about ${formatSeconds((elapsed * (1 - share)) / share)} left` : "estimating";
    const running = jobs.filter(({ id }) => state.statuses.get(id)?.state === "running");
    const finished = jobs.filter(({ id }) => state.statuses.get(id)?.state === "done").length;
    const doing = running.map((job) => describe(state, job)).join(" | ");
    return `${Math.round(share * 100)} %  ${finished}/${jobs.length} jobs  ${formatSeconds(elapsed)}, ${left}  ${doing}`;
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

function describe(state: RunState, job: Job): string {
  const progress = state.progress(job);
  if (!progress) return job.title;
  const { done, total, unit, note, secondsLeft } = progress;
  const isBytes = unit.startsWith("bytes");
  const shown = (amount: number) => (isBytes ? String(Math.round(amount / 1e6)) : String(amount));
  const amount = `${total > 0 ? `${shown(done)}/${shown(total)}` : shown(done)} ${isBytes ? unit.replace("bytes", "MB") : unit}`;
  const left = secondsLeft === undefined ? [] : [`about ${formatSeconds(secondsLeft)} left`];
  return `${job.title}: ${[amount, ...left, ...(note ? [note] : [])].join(", ")}`;
}
