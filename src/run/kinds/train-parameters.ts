import type { ComputeDType } from "../../device/kernels.js";
import type { ExchangeDType } from "../../merge/exchange/formats.js";
import type { Window } from "../../model/config/window.js";
import type { TrainingSettings } from "../../train/settings.js";

/** The amount of training of vanilla, on all shards; a part trains for its share of it. */
export type Amount = { readonly epochs: number } | { readonly steps: number } | { readonly tokens: number };

export interface TrainParameters {
  readonly window: Window;
  /** Indices of the shards it reads, below `shardCount`. */
  readonly shards: readonly number[];
  readonly shardCount: number;
  /** The share of the training data in them. */
  readonly dataShare: number;
  readonly amount: Amount;
  readonly settings: TrainingSettings;
  readonly dtype: ComputeDType;
  /** The part runs these shares of the steps of the whole training: 0 ≤ from < to ≤ 1. */
  readonly from: number;
  readonly to: number;
  /** Fractions of the steps after which the model is saved. */
  readonly snapshots: readonly number[];
  /** Whether the worker continues with its optimizer state in the next round. */
  readonly keepsMoments: boolean;
  /** How the change of the part travels to the merge; absent if its model does. */
  readonly exchange?: ExchangeDType;
}

export interface TrainFacts {
  readonly steps: number;
  readonly tokens: number;
  readonly window: Window;
}

/**
 * Steps of all rounds together.
 *
 * @param sequences  number of sequences in the shards
 */
export function stepsOf({ amount, settings, dataShare }: TrainParameters, sequences: number): number {
  if ("steps" in amount) return Math.max(1, Math.round(amount.steps * dataShare));
  if ("tokens" in amount)
    return Math.max(1, Math.round((amount.tokens * dataShare) / (settings.batchSize * settings.sequenceLength)));
  return Math.max(1, Math.floor((amount.epochs * sequences) / settings.batchSize));
}

/** The number of whole steps in a share of all; 1e-9 makes up for the rounding of shares such as 1/3. */
export function stepAt(share: number, steps: number): number {
  return Math.floor(steps * share + 1e-9);
}

/** The name of a snapshot's folder: its fraction of the steps in percent. */
export function snapshotName(fraction: number): string {
  return String(Math.round(fraction * 100));
}

export function snapshotStep(fraction: number, steps: number): number {
  return Math.max(1, Math.round(fraction * steps));
}

/** What a part sends to the merge, if not its model. */
export const changePath = "change.safetensors";

/** What rounding the change has lost, for the worker's next round. */
export const residualPath = "residual.safetensors";

/** The optimizer's moments, for a worker that continues with them in the next round. */
export const momentsPath = "moments.safetensors";
