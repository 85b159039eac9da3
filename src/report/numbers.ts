import { format } from "d3-format";
import type { Metric } from "../evaluate/output/scores.js";
import { formatSeconds } from "../text/format-seconds.js";
import { formatBytes } from "../text/format-bytes.js";
import type { Progress } from "./measures/progress.js";

/** The number formats of a report. A missing number is a dash; minus is "−". */
export const missing = "–";

/** Four decimals as in the paper; large values (perplexities) with five significant digits. */
export function formatValue(value: number): string {
  return format(Math.abs(value) < 100 ? ".4f" : Math.abs(value) < 1e5 ? ".5~r" : ".3~e")(value);
}

export function formatMetric(metric: Metric | null): string {
  if (!metric) return missing;
  return metric.standardError === null
    ? formatValue(metric.value)
    : `${formatValue(metric.value)} ±${formatValue(metric.standardError)}`;
}

export function formatShare(share: number | null): string {
  return share === null ? missing : `${format(".1f")(share * 100)}%`;
}

/** "±0.0121"; "" without a standard error */
export function formatError(metric: Metric | null): string {
  return metric?.standardError == null ? "" : `±${formatValue(metric.standardError)}`;
}

/** "8.2": percentage points, for a standard error of a share. */
export function formatPoints(share: number): string {
  return format(".1f")(share * 100);
}

/** "61.4% ±8.2" */
export function formatProgress({ share, standardError }: Progress): string {
  return standardError === null ? formatShare(share) : `${formatShare(share)} ±${formatPoints(standardError)}`;
}

/** "0.42 s", "83.1 s", "12 min 05 s", "5 h 02 min" */
export function formatDuration(seconds: number | null): string {
  return seconds === null ? missing : formatSeconds(seconds, true);
}

/** "0", "980 kB", "3.5 MB", "2.5 GB" */
export function formatTraffic(bytes: number): string {
  if (bytes === 0) return "0";
  return bytes < 999_500 ? `${format(".3~r")(bytes / 1000)} kB` : formatBytes(bytes);
}

export function formatCount(count: number): string {
  return format(",")(count);
}

/** "1.24 B", "15.2 M", "981 k" */
export function formatLarge(count: number): string {
  const [unit, text] = count >= 1e9 ? [1e9, "B"] : count >= 1e6 ? [1e6, "M"] : count >= 1e4 ? [1e3, "k"] : [1, ""];
  return `${format(unit === 1 ? ",d" : ".3~r")(count / unit)}${text && ` ${text}`}`;
}

/** "0.00123", "12.3": three significant digits. */
export function formatNorm(norm: number): string {
  return format(".3~r")(norm);
}

export function formatCosine(cosine: number): string {
  return format(".3f")(cosine);
}
