import type { JobProgress } from "../../../jobs/job-folder.js";
import { formatSeconds } from "../../../text/format-seconds.js";

/** `120/400 steps` */
export function progressText({ done, total, unit }: JobProgress): string {
  const isBytes = unit.startsWith("bytes");
  const shown = (amount: number) => (isBytes ? String(Math.round(amount / 1e6)) : String(amount));
  const fraction = total > 0 ? `${shown(done)}/${shown(total)}` : shown(done);
  return `${fraction} ${isBytes ? unit.replace("bytes", "MB") : unit}`;
}

/** `train layers 0-2 on shard 2: 13/18 steps, loss 3.860` */
export function jobText(title: string, progress: JobProgress | null): string {
  if (!progress) return title;
  const { note, secondsLeft } = progress;
  const amount = progressText(progress);
  const left = secondsLeft === undefined ? [] : [`about ${formatSeconds(secondsLeft)} left`];
  return `${title}: ${[amount, ...left, ...(note ? [note] : [])].join(", ")}`;
}
