import { cutToWidth } from "../../text/display-width.js";
import { formatSeconds } from "../../text/format-seconds.js";

export interface TaskProgressView {
  show(done: number, total: number, task: string): void;
  stop(): void;
}

/** Shows how far the tasks of an evaluation are: one redrawn line on a terminal, a line every ten seconds elsewhere. */
export function showTaskProgress(out: NodeJS.WriteStream, tasks: readonly string[]): TaskProgressView {
  let current: string | null = null;
  let [started, first, last] = [0, 0, performance.now()];
  return {
    show(done, total, task) {
      const now = performance.now();
      if (task !== current) [current, started, first] = [task, now, done];
      if (now - last < (out.isTTY ? 200 : 10_000)) return;
      last = now;
      const rate = (done - first) / (now - started);
      const left = rate > 0 ? `, about ${formatSeconds((total - done) / rate / 1000)} left` : "";
      const line = `${task} (${tasks.indexOf(task) + 1} of ${tasks.length})  ${done} of ${total} documents${left}`;
      out.write(out.isTTY ? `\r\x1b[2K${cutToWidth(line, (out.columns || 80) - 1)}` : `${line}\n`);
    },
    stop() {
      if (out.isTTY) out.write("\r\x1b[2K");
    },
  };
}
