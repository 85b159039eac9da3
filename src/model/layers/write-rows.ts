import type { BatchBuffers } from "./activations.js";
import { checkBatch, type Batch } from "./batch.js";
import type { ModelConfig } from "../config/model-config.js";
import type { Model } from "../model.js";

/** The first position, from `first` on, that a position attends to with the model's sliding window. */
function firstInWindow({ slidingWindow }: ModelConfig, first: number, position: number): number {
  return slidingWindow === null ? first : Math.max(first, position - slidingWindow + 1);
}

/** Writes the rows of a batch; position t attends to firstVisible … t, within the model's sliding window. */
export function writeBatch(model: Model, rows: BatchBuffers, batch: Batch): void {
  const { T, ids, targets, firstVisible } = batch;
  checkBatch(model.config, batch);
  const positions = ids.map((_, n) => n % T);
  writeRows(model, rows, ids, positions, firstVisible);
  model.device.write(rows.targets, targets);
}

/**
 * Writes the row data that a forward reads; a row attends to its first visible position … its own.
 *
 * @param firstVisible  [N] the first position of its text that a row attends to; null for the start of the text
 */
export function writeRows(
  { device, config }: Model,
  rows: BatchBuffers,
  ids: Int32Array,
  positions: Int32Array,
  firstVisible: Int32Array | null = null,
): void {
  device.write(rows.ids, ids);
  device.write(rows.positions, positions);
  device.write(
    rows.first,
    positions.map((position, n) => firstInWindow(config, firstVisible ? firstVisible[n] : 0, position)),
  );
  device.write(
    rows.end,
    positions.map((position) => position + 1),
  );
}
