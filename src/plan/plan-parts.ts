import type { ComputeDType } from "../device/kernels.js";
import type { ModelConfig } from "../model/config/model-config.js";
import { trainingMemoryBytes, type MemorySavings } from "./memory.js";
import { stepCost } from "./time.js";
import { trainableParameters } from "../model/config/parameter-counts.js";
import type { Window } from "../model/config/window.js";
import { windowOf, type Strategy } from "./strategy.js";

export interface PlanSettings {
  readonly config: ModelConfig;
  /** T */
  readonly sequenceLength: number;
  /** B: sequences of one forward and backward. */
  readonly microBatchSize: number;
  /** Of the start model's file: what a frozen weight takes in memory. */
  readonly storedBytesPerElement: number;
  /** What matrix products multiply. */
  readonly dtype: ComputeDType;
  readonly savings: MemorySavings;
  /** What part of the training data each shard holds; together 1. */
  readonly dataShares: readonly number[];
}

/** One worker's part of one round. */
export interface PlannedPart {
  /** Both from 0. */
  readonly round: number;
  readonly worker: number;
  readonly window: Window;
  /** Indices of the shards that it reads. */
  readonly shards: readonly number[];
  /** The part of all that vanilla trains on, whether it is counted in epochs, steps or tokens. */
  readonly shareOfData: number;
  readonly trainableParameters: number;
  /** Work per token relative to a step that trains everything. */
  readonly cost: number;
  /** Relative to the whole of vanilla's training. */
  readonly work: number;
  readonly memoryBytes: number;
}

export function equalShares(shards: number): readonly number[] {
  return Array.from({ length: shards }, () => 1 / shards);
}

/**
 * What a strategy trains: [round][worker]. Pure: nothing is read or run.
 *
 * @param strategy  one window, for a part that reads all shards, or one per shard
 */
export function planParts(strategy: Strategy, settings: PlanSettings): PlannedPart[][] {
  const { config, sequenceLength, microBatchSize, storedBytesPerElement, dtype, savings, dataShares } = settings;
  const alone = strategy.windows.length === 1;
  return Array.from({ length: strategy.rounds }, (_, round) =>
    strategy.windows.map((_window, worker) => {
      const window = windowOf(strategy, round, worker);
      const shards = alone ? dataShares.map((_share, i) => i) : [worker];
      const shareOfData = (alone ? 1 : dataShares[worker]) / strategy.rounds;
      const cost = stepCost(config, window);
      return {
        round,
        worker,
        window,
        shards,
        shareOfData,
        cost,
        trainableParameters: trainableParameters(config, window),
        work: shareOfData * cost,
        memoryBytes: trainingMemoryBytes(
          config,
          window,
          microBatchSize,
          sequenceLength,
          storedBytesPerElement,
          dtype,
          savings,
        ).total,
      };
    }),
  );
}
