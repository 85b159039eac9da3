import type { HubWait } from "../hub/settings.js";
import { formatBytes } from "./format-bytes.js";
import { formatSeconds } from "./progress.js";

export interface DownloadView {
  onProgress(bytes: number, totalBytes: number): void;
  /** Says who is waited for, of each once. */
  onWait(wait: HubWait): void;
  stop(): void;
}

/** Shows a download: one redrawn line on a terminal, a plain line every few seconds elsewhere; nothing where nothing is fetched. */
export function showDownload(out: NodeJS.WriteStream, now: () => number = () => performance.now()): DownloadView {
  let first: { readonly bytes: number; readonly time: number } | null = null;
  let shown = 0;
  let told = false;
  const waitedFor = new Set<string>();
  return {
    onProgress(bytes, totalBytes) {
      const time = now();
      first ??= { bytes, time };
      if (time - shown < (out.isTTY ? 200 : 5000) && bytes < totalBytes) return;
      // A download that is over before the first line would have been due says nothing.
      if (!out.isTTY && !told && time - first.time < 1000) return;
      [shown, told] = [time, true];
      const line = downloadLine(bytes, totalBytes, bytes - first.bytes, (time - first.time) / 1000);
      out.write(out.isTTY ? `\r\x1b[2K${line.slice(0, (out.columns ?? 80) - 1)}` : `${line}\n`);
    },
    onWait({ path, writer }) {
      const who = writer === null ? "another program" : `process ${writer.pid} on ${writer.host}`;
      if (waitedFor.has(who)) return;
      waitedFor.add(who);
      out.write(`${out.isTTY ? "\r\x1b[2K" : ""}waiting for ${who}, which downloads ${path}\n`);
    },
    stop() {
      if (out.isTTY && told) out.write("\r\x1b[2K");
    },
  };
}

/** @param fetched  bytes that this download brought, in `seconds`: what was there before says nothing of the speed */
export function downloadLine(bytes: number, totalBytes: number, fetched: number, seconds: number): string {
  const rate = seconds > 0 && fetched > 0 ? fetched / seconds : null;
  const left = rate === null ? "estimating" : `${formatBytes(rate)}/s, about ${formatSeconds((totalBytes - bytes) / rate)} left`;
  return `downloading ${formatBytes(bytes)} of ${formatBytes(totalBytes)}  ${left}`;
}
