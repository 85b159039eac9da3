import { stepCost, trainableParameters, trainingMemoryBytes } from "../model/cost.js";
import { formatWindow } from "../run/graph.js";
import type { TrainParameters } from "../run/kinds/train.js";
import type { TrainingOptions } from "../train/settings.js";
import type { RunPlan } from "../run/run-plan.js";

/** One part of a strategy in figures. */
export interface PlanRow {
  readonly strategy: string;
  readonly round: number;
  readonly worker: number;
  readonly window: string;
  readonly trainableParameters: number;
  /** Per token, relative to a step that trains everything. */
  readonly cost: number;
  readonly memoryBytes: number;
  /** The strategy that trains it, where another one does. */
  readonly sharedWith: string | null;
}

export function planRows({ strategies, config }: RunPlan): PlanRow[] {
  const owners = new Map<string, string>();
  return strategies.flatMap(({ strategy, parts }) =>
    parts.flatMap((round, index) =>
      round.map((job, worker) => {
        const { window, settings, dtype } = job.parameters as TrainParameters;
        const { recompute } = job.options as TrainingOptions;
        const owner = owners.get(job.id) ?? strategy.name;
        owners.set(job.id, owner);
        const memory = trainingMemoryBytes(config, window, settings.batchSize, settings.sequenceLength, 4, dtype, recompute);
        return {
          strategy: strategy.name,
          round: index + 1,
          worker: worker + 1,
          window: formatWindow(window) + (window.outer ? " + embedding, norm, head" : ""),
          trainableParameters: trainableParameters(config, window),
          cost: stepCost(config, window),
          memoryBytes: memory.total,
          sharedWith: owner === strategy.name ? null : owner,
        };
      }),
    ),
  );
}

/** `36 parts, 24 to train`: equal parts of several strategies are trained once. */
export function partsLine({ strategies }: RunPlan): string {
  const parts = strategies.flatMap(({ parts: rounds }) => rounds.flat());
  const distinct = new Set(parts.map(({ id }) => id)).size;
  return `${strategies.length} strategies, ${parts.length} parts, ${distinct} to train`;
}

/** Columns padded to their widest cell; numbers to the right. */
export function alignTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const isNumber = (cell: string) => /^[~≈]?[\d.,]+( [%kMG]?B?)?$|^$/.test(cell);
  return rows
    .map((row) => row.map((cell, i) => (isNumber(cell) ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join("  ").trimEnd())
    .join("\n");
}
