import type { HubAccess, HubDownload } from "../../hub/settings.js";
import { formatBytes } from "../../text/format-bytes.js";
import { formatSeconds } from "../../text/format-seconds.js";
import { plural } from "../../text/plural.js";

export interface DownloadView {
  readonly events: Required<Pick<HubAccess, "onDownload" | "onProgress" | "onWait">>;
  stop(): void;
}

/**
 * Shows a download: what it will bring, one redrawn line on a terminal or a plain line every few seconds elsewhere, and whom it
 * waits for, of each once; nothing where nothing is fetched.
 */
export function showDownload(out: NodeJS.WriteStream, now: () => number = () => performance.now()): DownloadView {
  let first: { readonly bytes: number; readonly time: number } | null = null;
  let shown = 0;
  let told = false;
  const waitedFor = new Set<string>();
  const clear = () => (out.isTTY && told ? "\r\x1b[2K" : "");
  return {
    events: {
      onDownload: (downloads) => void out.write(`${downloadsText(downloads)}\n`),
      onProgress(bytes, totalBytes) {
        const time = now();
        first ??= { bytes, time };
        if (time - shown < (out.isTTY ? 200 : 5000) && bytes < totalBytes) return;
        // A download that is over before the first line would have been due says nothing.
        if (!out.isTTY && !told && time - first.time < 1000) return;
        [shown, told] = [time, true];
        const line = downloadLine(bytes, totalBytes, bytes - first.bytes, (time - first.time) / 1000);
        out.write(out.isTTY ? `${clear()}${line.slice(0, (out.columns ?? 80) - 1)}` : `${line}\n`);
      },
      onWait({ path, writer }) {
        const who = writer === null ? "another program" : `process ${writer.pid} on ${writer.host}`;
        if (waitedFor.has(who)) return;
        waitedFor.add(who);
        out.write(`${clear()}waiting for ${who}, which downloads ${path}\n`);
      },
    },
    stop: () => void out.write(clear()),
  };
}

/** A line for each repository, below what they are together. */
export function downloadsText(downloads: readonly HubDownload[]): string {
  const together = { name: "to download", files: 0, bytes: 0 };
  for (const { files, bytes } of downloads)
    [together.files, together.bytes] = [together.files + files, together.bytes + bytes];
  const line = ({ name, files, bytes }: HubDownload) => `${name}: ${plural(files, "file")}, ${formatBytes(bytes)}`;
  return [line(together), ...downloads.map((one) => `  ${line(one)}`)].join("\n");
}

/** @param fetched  bytes that this download brought, in `seconds`: what was there before says nothing of the speed */
export function downloadLine(bytes: number, totalBytes: number, fetched: number, seconds: number): string {
  const rate = seconds > 0 && fetched > 0 ? fetched / seconds : null;
  const left =
    rate === null ? "estimating" : `${formatBytes(rate)}/s, about ${formatSeconds((totalBytes - bytes) / rate)} left`;
  return `downloading ${formatBytes(bytes)} of ${formatBytes(totalBytes)}  ${left}`;
}
