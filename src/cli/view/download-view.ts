import type { HubAccess, HubDownload } from "../../hub/settings.js";
import { formatBytes } from "../../text/format-bytes.js";
import { cutToWidth } from "../../text/display-width.js";
import { formatSeconds } from "../../text/format-seconds.js";
import { plural } from "../../text/plural.js";

export interface DownloadView {
  readonly events: Required<Pick<HubAccess, "onDownload" | "onProgress" | "onWait">>;
  stop(): void;
}

/**
 * Shows a download: its size, then one redrawn line on a terminal or a plain line every five seconds elsewhere. Each
 * process that it waits for is reported once. Prints nothing if nothing is downloaded.
 */
export function showDownload(out: NodeJS.WriteStream, now: () => number = () => performance.now()): DownloadView {
  let first: { readonly bytes: number; readonly time: number } | null = null;
  let shown = 0;
  let printed = false;
  const waitedFor = new Set<string>();
  const clear = () => (out.isTTY && printed ? "\r\x1b[2K" : "");
  return {
    events: {
      onDownload: (downloads) => void out.write(`${downloadsText(downloads)}\n`),
      onProgress(bytes, totalBytes) {
        const time = now();
        first ??= { bytes, time };
        if (time - shown < (out.isTTY ? 200 : 5000) && bytes < totalBytes) return;
        // A download that ends within a second prints no progress.
        if (!out.isTTY && !printed && time - first.time < 1000) return;
        [shown, printed] = [time, true];
        const line = downloadLine(bytes, totalBytes, bytes - first.bytes, (time - first.time) / 1000);
        out.write(out.isTTY ? `${clear()}${cutToWidth(line, (out.columns || 80) - 1)}` : `${line}\n`);
      },
      onWait({ path, writer }) {
        const name = writer === null ? "another program" : `process ${writer.pid} on ${writer.host}`;
        if (waitedFor.has(name)) return;
        waitedFor.add(name);
        out.write(`${clear()}waiting for ${name}, which is downloading ${path}\n`);
      },
    },
    stop: () => void out.write(clear()),
  };
}

/** The total, then a line for each repository. */
export function downloadsText(downloads: readonly HubDownload[]): string {
  const total = { name: "to download", files: 0, bytes: 0 };
  for (const { files, bytes } of downloads) {
    total.files += files;
    total.bytes += bytes;
  }
  const line = ({ name, files, bytes }: HubDownload) => `${name}: ${plural(files, "file")}, ${formatBytes(bytes)}`;
  return [line(total), ...downloads.map((download) => `  ${line(download)}`)].join("\n");
}

/** @param fetched  bytes received in `seconds`, without those from an earlier download, for the speed */
export function downloadLine(bytes: number, totalBytes: number, fetched: number, seconds: number): string {
  const rate = seconds > 0 && fetched > 0 ? fetched / seconds : null;
  const left =
    rate === null ? "estimating" : `${formatBytes(rate)}/s, about ${formatSeconds((totalBytes - bytes) / rate)} left`;
  return `downloading ${formatBytes(bytes)} of ${formatBytes(totalBytes)}  ${left}`;
}
