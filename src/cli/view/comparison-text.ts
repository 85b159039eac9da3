import { formatShare, formatValue, missing } from "../../report/numbers.js";
import type { Comparison } from "../../search/compare/comparison.js";
import type { Result } from "../../search/results.js";
import { plural } from "../../text/plural.js";
import { sideBySide } from "../../text/side-by-side.js";

const maxWidth = 120;

/** The output of `strata compare`: what differs between the recipes, then the strategies of each run. */
export function comparisonText(comparison: Comparison): string {
  const { label, runs, strategies } = comparison;
  const headings = ["value", "preserved", "gap closed", "of vanilla", "exchanges"];
  const blocks = runs.map(({ name, seeds }, i) => ({
    title: seeds.length > 1 ? `${name} (${plural(seeds.length, "seed")})` : name,
    rows: [headings, ...strategies.map(({ results }) => cells(results[i]))],
  }));
  const names = ["strategy", ...strategies.map(({ name }) => name)];
  return `${differencesLine(comparison)}\n\n${label}\n${sideBySide(names, blocks, maxWidth)}\n`;
}

/** `Differences: training.learningRate 0.001 | 0.002; seed 1 | 2` */
function differencesLine({ differences, runs }: Comparison): string {
  if (runs.length === 1) return "One run: nothing to compare it with.";
  if (differences.length === 0) return "The recipes do not differ, but for their names.";
  const text = differences.map(({ key, values }) => `${key} ${values.map((value) => value ?? missing).join(" | ")}`);
  return `Differences: ${text.join("; ")}`;
}

function cells(result: Result | null): string[] {
  if (result === null) return Array.from({ length: 5 }, () => missing);
  const { value, error, seconds, exchanges } = result;
  return [
    error === null ? formatValue(value) : `${formatValue(value)} ±${formatValue(error)}`,
    shareText(result.preserved, result.preservedError),
    shareText(result.gapClosed, result.gapClosedError),
    formatShare(result.shareOfVanilla),
    seconds === null ? missing : String(exchanges),
  ];
}

/** `61.4% ±2.3` */
export function shareText(share: number | null, error: number | null): string {
  return share === null || error === null ? formatShare(share) : `${formatShare(share)} ±${(100 * error).toFixed(1)}`;
}
