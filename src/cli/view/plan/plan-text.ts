import { totalParameters } from "../../../model/config/parameter-counts.js";
import { formatWindow } from "../../../model/config/window.js";
import type { Recipe } from "../../../recipe/recipe.js";
import type { DiskOfModels } from "../../../run/graph/disk-of-models.js";
import type { PartSummary, PlanSummary } from "../../../run/graph/plan-summary.js";
import type { RunPlan } from "../../../run/graph/run-graph.js";
import { alignTable } from "../../../text/align-table.js";
import { formatBytes } from "../../../text/format-bytes.js";
import { formatSeconds } from "../../../text/format-seconds.js";
import { plural } from "../../../text/plural.js";
import { defaultsText } from "./defaults-text.js";
import { notesText } from "../notes-text.js";

/** What a run needs and what this machine has. */
export interface PlanEstimate {
  /** Of all seeds, each once. */
  readonly jobs: number;
  /** Jobs that are not done yet. */
  readonly open: number;
  /** Null without a measured speed. */
  readonly seconds: number | null;
  /** Of one job, measured; null if this machine lacks the device. */
  readonly flopsPerSecond: number | null;
  /** Why it lacks the device; null if it was measured. */
  readonly unavailable: string | null;
  readonly threads: number;
  readonly freeMemoryBytes: number;
  readonly disk: DiskOfModels;
  readonly freeDiskBytes: number;
}

/** The output of `strata plan`. @param recipe  as loaded, which knows the defaults that it takes */
export function planText(recipe: Recipe, plan: RunPlan, summary: PlanSummary, estimate: PlanEstimate): string {
  const { config } = plan;
  const { jobs, open, threads } = estimate;
  return `${recipe.name}: ${seedsPart(recipe)}${partsLine(summary)}
Model: ${totalParameters(config).toLocaleString("en")} parameters, ${plural(config.layers, "layer")}
${defaultsText(recipe)}${notesText(plan.notes)}
${partsTable(summary)}

cost: FLOPs per token with the optimizer's, relative to vanilla's
data: share of the tokens that vanilla trains on
memory: of a part that runs alone; parts that run in parallel share their frozen weights

Expected duration without merges, relative to the training of vanilla on one machine:

${strategiesTable(summary)}

exchanges: merges of several parts; sent, received: bytes of each worker in the whole run

${jobs} jobs${recipe.seeds ? " of all seeds" : ""}, ${open} to do, ${parallelText(summary, threads)}
${memoryText(summary, estimate)}
${diskText(estimate)}
Expected time: ${timeText(estimate)}
`;
}

function timeText({ seconds, flopsPerSecond, unavailable }: PlanEstimate): string {
  if (seconds === null || flopsPerSecond === null)
    return `unknown, because this machine lacks the device: ${unavailable}`;
  const speed = `${(flopsPerSecond / 1e9).toFixed(0)} GFLOP/s measured per job, token counts estimated`;
  return `about ${formatSeconds(seconds)} (${speed})`;
}

function parallelText({ parallel }: PlanSummary, threads: number): string {
  return `${parallel} in parallel with ${plural(threads, "thread")} each`;
}

/** `3 seeds (1, 2, 3), each with ` */
export function seedsPart({ seeds }: Recipe): string {
  return seeds ? `${plural(seeds.length, "seed")} (${seeds.join(", ")}), each with ` : "";
}

function memoryText({ peakMemoryBytes, parallel }: PlanSummary, { freeMemoryBytes }: PlanEstimate): string {
  const needed = `${formatBytes(peakMemoryBytes)} for ${plural(parallel, "part")}${parallel > 1 ? " in parallel" : ""}`;
  const line = `Memory: up to ${needed}, ${formatBytes(freeMemoryBytes)} free`;
  if (peakMemoryBytes <= freeMemoryBytes) return line;
  return `${line}
  Not enough memory: set training.activationCheckpointing or training.offload, use a smaller microBatchSize,
  or run fewer jobs in parallel (machine.parallel).`;
}

function diskText({ disk: { kept, passing }, freeDiskBytes }: PlanEstimate): string {
  const needed = `${formatBytes(kept)} for the models of all jobs, ${formatBytes(passing)} more during training`;
  const line = `Disk: about ${needed}, ${formatBytes(freeDiskBytes)} free`;
  return kept + passing <= freeDiskBytes ? line : `${line}\n  Not enough disk: choose --runs on a larger disk.`;
}

/** `9 strategies, 36 parts, 24 to train`: parts that several strategies contain are trained once. */
export function partsLine({ strategies, parts, partsToTrain }: PlanSummary): string {
  const names = strategies.length === 1 ? "1 strategy" : `${strategies.length} strategies`;
  return `${names}, ${plural(parts.length, "part")}, ${partsToTrain} to train`;
}

export function partsTable({ parts, strategies }: PlanSummary): string {
  const header = ["strategy", "round", "worker", "trains", "parameters", "cost", "data", "memory", "shared"];
  const rows = strategies.flatMap(({ name }) => {
    const groups = groupRounds(parts.filter(({ strategy }) => strategy === name));
    const hidden = groups.length - maxRows;
    return [...groups.slice(0, maxRows).map(partRow), ...(hidden > 0 ? [hiddenRow(name, hidden)] : [])];
  });
  return alignTable([header, ...rows], "left");
}

function partRow({ part, rounds }: PartGroup): string[] {
  return [
    part.strategy,
    rounds,
    String(part.worker + 1),
    formatWindow(part.window) + (part.window.embeddings ? " + embedding, norm, head" : ""),
    part.trainableParameters.toLocaleString("en"),
    part.cost.toFixed(3),
    percent(part.shareOfData),
    formatBytes(part.memoryBytes),
    part.sharedWith === null ? "" : `as in ${part.sharedWith}`,
  ];
}

function hiddenRow(strategy: string, hidden: number): string[] {
  return [strategy, "…", "", `${hidden} more such rows`, "", "", "", "", ""];
}

/** Rows of a strategy; more are counted. */
const maxRows = 16;

/** Parts that differ only in their round, as one with the sum of their data. */
interface PartGroup {
  readonly part: PartSummary;
  /** From 1, such as `1-16`. */
  readonly rounds: string;
}

function groupRounds(parts: readonly PartSummary[]): PartGroup[] {
  const groups = new Map<string, PartSummary[]>();
  for (const part of parts) {
    const { strategy, worker, window, shards, cost, memoryBytes, sharedWith } = part;
    const key = JSON.stringify([strategy, worker, window, shards, cost, memoryBytes, sharedWith]);
    groups.set(key, [...(groups.get(key) ?? []), part]);
  }
  return [...groups.values()].map((group) => ({
    part: { ...group[0], shareOfData: group.reduce((sum, { shareOfData }) => sum + shareOfData, 0) },
    rounds: formatRounds(group.map(({ round }) => round + 1)),
  }));
}

/** Ascending numbers as ranges: `1-3, 7`. */
function formatRounds(rounds: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const round of rounds) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === round - 1) last[1] = round;
    else ranges.push([round, round]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(", ");
}

/** Expected duration of each strategy, relative to vanilla. */
export function strategiesTable({ strategies, parallel }: PlanSummary): string {
  const header = ["strategy", "parts", "to train", "one machine per part", `${parallel} in parallel`];
  const traffic = ["exchanges", "sent", "received"];
  const rows = strategies.map(({ name, parts, toTrain, shareOfVanilla, shareOfVanillaHere, ...moved }) => [
    name,
    String(parts),
    String(toTrain),
    percent(shareOfVanilla),
    percent(shareOfVanillaHere),
    String(moved.exchanges),
    formatBytes(moved.sent),
    formatBytes(moved.received),
  ]);
  return alignTable([[...header, ...traffic], ...rows], "left");
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
