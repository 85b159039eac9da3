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
  /** Of the initial model's file, from which frozen weights are mapped. */
  readonly storedBytesPerElement: number;
  /** Operand type of matrix products. */
  readonly dtype: ComputeDType;
  readonly savings: MemorySavings;
  /** The share of the training data in each shard; their sum is 1. */
  readonly dataShares: readonly number[];
}

/** One worker's part of one round. */
export interface PlannedPart {
  /** From 0. */
  readonly round: number;
  /** From 0. */
  readonly worker: number;
  readonly window: Window;
  /** Indices of the shards it reads. */
  readonly shards: readonly number[];
  /** The share of vanilla's amount of training, whether in epochs, steps or tokens. */
  readonly shareOfData: number;
  readonly trainableParameters: number;
  /** Work per token relative to a step that trains everything. */
  readonly cost: number;
  /** Relative to all of vanilla's training. */
  readonly work: number;
  readonly memoryBytes: number;
}

export function equalShares(shards: number): readonly number[] {
  return Array.from({ length: shards }, () => 1 / shards);
}

/**
 * The parts of a strategy, [round][worker].
 *
 * @param strategy  with one window, whose part reads all shards, or with one window per shard
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
