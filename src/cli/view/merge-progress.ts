import type { MergeProgress } from "../../merge/execute/execute-merge.js";
import { formatBytes } from "../../text/format-bytes.js";
import { cutToWidth } from "../../text/display-width.js";
import { formatSeconds } from "../../text/format-seconds.js";

export interface MergeProgressView {
  show(progress: MergeProgress): void;
  stop(): void;
}

/** Shows how far a merge is: one redrawn line on a terminal, a plain line every ten seconds elsewhere. */
export function showMergeProgress(out: NodeJS.WriteStream): MergeProgressView {
  const started = performance.now();
  let last = started;
  let first: number | null = null;
  return {
    show({ tensor, doneBytes, totalBytes }) {
      const now = performance.now();
      first ??= doneBytes;
      if (now - last < (out.isTTY ? 200 : 10_000)) return;
      last = now;
      const share = totalBytes === 0 ? 1 : doneBytes / totalBytes;
      const rate = (doneBytes - first) / (now - started);
      const left = rate > 0 ? `, about ${formatSeconds((totalBytes - doneBytes) / rate / 1000)} left` : "";
      const amount = `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
      const line = `${Math.floor(share * 100)} %  ${amount}${left}  ${tensor}`;
      out.write(out.isTTY ? `\r\x1b[2K${cutToWidth(line, (out.columns || 80) - 1)}` : `${line}\n`);
    },
    stop() {
      if (out.isTTY) out.write("\r\x1b[2K");
    },
  };
}
