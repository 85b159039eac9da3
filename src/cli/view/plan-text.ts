import { formatWindow } from "../../model/config/window.js";
import type { PlanSummary } from "../../run/graph/plan-summary.js";
import { formatBytes } from "../../text/format-bytes.js";

/** `36 parts, 24 to train`: equal parts of several strategies are trained once. */
export function partsLine({ strategies, parts, partsToTrain }: PlanSummary): string {
  return `${strategies.length} strategies, ${parts.length} parts, ${partsToTrain} to train`;
}

export function partsTable({ parts }: PlanSummary): string {
  const header = ["strategy", "round", "worker", "trains", "parameters", "cost", "data", "memory", "shared"];
  const rows = parts.map((part) => [
    part.strategy,
    String(part.round + 1),
    String(part.worker + 1),
    formatWindow(part.window) + (part.window.embeddings ? " + embedding, norm, head" : ""),
    part.trainableParameters.toLocaleString("en"),
    part.cost.toFixed(3),
    percent(part.shareOfData),
    formatBytes(part.memoryBytes),
    part.sharedWith === null ? "" : `as in ${part.sharedWith}`,
  ]);
  return alignTable([header, ...rows]);
}

/** How long each strategy should take, with vanilla's time as the measure. */
export function strategiesTable({ strategies, parallel }: PlanSummary): string {
  const header = ["strategy", "parts", "to train", "a machine for each part", `${parallel} at a time`];
  const rows = strategies.map(({ name, parts, toTrain, shareOfVanilla, shareOfVanillaHere }) => [
    name,
    String(parts),
    String(toTrain),
    percent(shareOfVanilla),
    percent(shareOfVanillaHere),
  ]);
  return alignTable([header, ...rows]);
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** Columns padded to their widest cell; numbers to the right. */
function alignTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const isNumber = (cell: string) => /^[\d.,]+( (%|MB|GB))?$/.test(cell);
  return rows
    .map((row) =>
      row
        .map((cell, i) => (isNumber(cell) ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
