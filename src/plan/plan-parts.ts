import type { ComputeDType } from "../device/kernels.js";
import type { ModelConfig } from "../model/config/model-config.js";
import { trainingMemoryBytes, type MemorySavings } from "./memory.js";
import { stepCost } from "./time.js";
import { trainableParameters } from "../model/config/parameter-counts.js";
import { fullWindow, type Window } from "../model/config/window.js";
import { optimizerCost } from "./optimizer-cost.js";
import type { StateSettings } from "../train/state-elements.js";
import type { TrainingSettings } from "../train/settings.js";
import type { Strategy } from "./strategy.js";

export interface PlanSettings {
  readonly config: ModelConfig;
  /** The recipe's; a strategy may have other values. */
  readonly training: TrainingSettings;
  /** Of the initial model's file, from which frozen weights are mapped. */
  readonly storedBytesPerElement: number;
  /** Operand type of matrix products. */
  readonly dtype: ComputeDType;
  /** The recipe's options that save memory. */
  readonly savings: Omit<MemorySavings, keyof StateSettings>;
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
  /** The share of the training data in these shards. */
  readonly dataShare: number;
  /** The share of vanilla's amount of training, whether in epochs, steps or tokens. */
  readonly shareOfData: number;
  readonly trainableParameters: number;
  /** Work per token, with the optimizer's, relative to vanilla's. */
  readonly cost: number;
  /** Relative to all of vanilla's training. */
  readonly work: number;
  readonly memoryBytes: number;
}

/**
 * The parts of a strategy, [round][worker].
 *
 * @param strategy  with rounds of one worker, or of one per shard
 */
export function planParts(strategy: Strategy, settings: PlanSettings): PlannedPart[][] {
  const { config, storedBytesPerElement, dtype, savings } = settings;
  const { dataShares, amount } = strategy;
  const costOf = (window: Window, training: TrainingSettings) =>
    stepCost(config, window) + optimizerCost(config, window, training);
  const vanillaCost = costOf(fullWindow(config.layers), settings.training);
  return strategy.rounds.map(({ windows, reads, from, to, training }, round) =>
    windows.map((window, worker) => {
      const own = { ...settings.training, ...training };
      const isAll = reads === "all";
      const dataShare = isAll ? 1 : dataShares[worker];
      const shareOfData = dataShare * amount * (to - from);
      const cost = costOf(window, own) / vanillaCost;
      return {
        round,
        worker,
        window,
        shards: isAll ? dataShares.map((_share, i) => i) : [worker],
        dataShare,
        shareOfData,
        cost,
        trainableParameters: trainableParameters(config, window),
        work: shareOfData * cost,
        memoryBytes: trainingMemoryBytes(
          config,
          window,
          own.microBatchSize,
          own.sequenceLength,
          storedBytesPerElement,
          dtype,
          { ...savings, optimizer: own.optimizer, tailAverage: own.tailAverage },
        ).total,
      };
    }),
  );
}
