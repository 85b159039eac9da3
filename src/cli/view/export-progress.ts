import { formatSeconds } from "../../text/format-seconds.js";
import { plural } from "../../text/plural.js";

export interface ExportProgress {
  show(done: number, total: number, name: string): void;
  /** Removes the redrawn line. */
  clear(): void;
}

/**
 * Shows an export that takes longer than two seconds: one redrawn line on a terminal, a plain line every five seconds
 * elsewhere.
 */
export function showExportProgress(
  out: NodeJS.WriteStream,
  now: () => number = () => performance.now(),
): ExportProgress {
  const started = now();
  let shown: number | null = null;
  return {
    show(done, total, name) {
      const time = now();
      if (time - started < 2000 || (shown !== null && time - shown < (out.isTTY ? 200 : 5000))) return;
      shown = time;
      const left = done > 0 ? `, about ${formatSeconds((((time - started) / done) * (total - done)) / 1000)} left` : "";
      const line = `${done} of ${plural(total, "folder")}${left}  ${name}`;
      out.write(out.isTTY ? `\r\x1b[2K${line.slice(0, (out.columns ?? 80) - 1)}` : `${line}\n`);
    },
    clear: () => void (out.isTTY && shown !== null && out.write("\r\x1b[2K")),
  };
}
