import type { DeviceBuffer } from "../../device/kernels.js";
import { allocateBatch, allocateLayer, type BatchBuffers, type LayerActivations } from "../layers/activations.js";
import { forward, predictedEnd, type Attend } from "../layers/forward.js";
import { allocatePredictedRows, type PredictedRowBuffers } from "../layers/predicted-rows.js";
import { attentionShape } from "../layers/layer-forward.js";
import type { Model } from "../model.js";
import { createRopeTable, type RopeTable } from "../layers/rope-table.js";
import { writeRows } from "../layers/write-rows.js";

/**
 * The KV cache: keys and values of all layers for B sequences, operands [B, capacity, K·E] each. Position t of sequence
 * b is row b·capacity + t.
 */
export interface KeyValueCache {
  readonly model: Model;
  readonly B: number;
  readonly capacity: number;
  readonly keys: readonly DeviceBuffer[];
  readonly values: readonly DeviceBuffer[];
  readonly rope: RopeTable;
}

export function createCache(model: Model, B: number, capacity: number): KeyValueCache {
  const { device, config } = model;
  const length = B * capacity * config.keyValueHeads * config.headDim;
  const buffers = () => Array.from({ length: config.layers }, () => device.allocate(device.facts.computeDType, length));
  return { model, B, capacity, keys: buffers(), values: buffers(), rope: createRopeTable(device, config, capacity) };
}

/** Copies the first `filled` positions of sequence `from` to sequence `to`. */
export function copySequence(cache: KeyValueCache, from: number, to: number, filled: number): void {
  const { kernels } = cache.model.device;
  const width = cache.model.config.keyValueHeads * cache.model.config.headDim;
  const part = (buffer: DeviceBuffer, b: number) => buffer.slice(b * cache.capacity * width, filled * width);
  for (const buffer of [...cache.keys, ...cache.values]) kernels.copy({ out: part(buffer, to), x: part(buffer, from) });
}

/** Activations and row data for a pass over at most `maxRows` rows. */
export interface PassBuffers {
  readonly rows: BatchBuffers;
  /** One set serves all layers. */
  readonly a: LayerActivations;
  readonly last: PredictedRowBuffers;
}

/** @param predictions  largest number of predicted rows of a pass */
export function allocatePass({ device, config }: Model, maxRows: number, predictions: number): PassBuffers {
  return {
    rows: allocateBatch(device, maxRows),
    a: allocateLayer(device, config, maxRows),
    last: allocatePredictedRows(device, config, predictions),
  };
}

/** `count` new tokens of a sequence, from position `start`; they attend to the sequence from position 0. */
export interface CachedRun {
  readonly sequence: number;
  readonly start: number;
  readonly count: number;
}

/**
 * Forward over new tokens of several sequences; adds their keys and values to the cache.
 *
 * @param ids        [N] run after run; rows after the last run are padding
 * @param predicted  the rows whose next token is predicted; may be empty
 * @returns          [predicted, D] operand, what the head reads
 */
export function forwardCached(
  cache: KeyValueCache,
  { rows, a, last }: PassBuffers,
  ids: Int32Array,
  runs: readonly CachedRun[],
  predicted: readonly number[],
): DeviceBuffer {
  const { model, rope } = cache;
  const positions = new Int32Array(ids.length);
  const firsts = firstRows(runs);
  runs.forEach(({ start, count }, s) => {
    for (let i = 0; i < count; i++) positions[firsts[s] + i] = start + i;
  });
  writeRows(model, rows, ids, positions);
  if (predicted.length > 0) model.device.write(last.rows, Int32Array.from(predicted));
  const attend: Attend = (layer) => {
    storeRows(cache, cache.keys[layer], a.key, runs, firsts);
    storeRows(cache, cache.values[layer], a.value, runs, firsts);
    attendRuns(cache, layer, rows, a, runs, firsts);
  };
  const activations = Array.from({ length: model.config.layers }, () => a);
  const end = predictedEnd(last, predicted.length);
  return forward(model, { N: ids.length, rows, rope, activations, attend, end });
}

/** Copies the new keys or values of a layer to their positions in the cache. */
function storeRows(
  { model, capacity }: KeyValueCache,
  cached: DeviceBuffer,
  added: DeviceBuffer,
  runs: readonly CachedRun[],
  firsts: readonly number[],
): void {
  const width = model.config.keyValueHeads * model.config.headDim;
  runs.forEach(({ sequence, start, count }, s) => {
    const out = cached.slice((sequence * capacity + start) * width, count * width);
    model.device.kernels.copy({ out, x: added.slice(firsts[s] * width, count * width) });
  });
}

/** [run] → its first row. */
function firstRows(runs: readonly CachedRun[]): number[] {
  let next = 0;
  return runs.map(({ count }) => (next += count) - count);
}

/** Each run attends to its sequence up to its own end; one token of each of the first sequences takes one call. */
function attendRuns(
  { model, capacity, ...cache }: KeyValueCache,
  layer: number,
  rows: BatchBuffers,
  a: LayerActivations,
  runs: readonly CachedRun[],
  firsts: readonly number[],
): void {
  const { kernels } = model.device;
  const { attentionHeads: H, keyValueHeads: K, headDim: E } = model.config;
  const [keys, values] = [cache.keys[layer], cache.values[layer]];
  if (runs.every(({ sequence, count }, s) => sequence === s && count === 1)) {
    const shape = attentionShape(model, runs.length, 1, capacity);
    kernels.attention({
      out: a.attentionOutput,
      logSumExp: null,
      q: a.query,
      k: keys,
      v: values,
      visible: rows,
      shape,
    });
    return;
  }
  runs.forEach(({ sequence, start, count }, s) => {
    const queries = (buffer: DeviceBuffer) => buffer.slice(firsts[s] * H * E, count * H * E);
    const seen = (buffer: DeviceBuffer) => buffer.slice(sequence * capacity * K * E, (start + count) * K * E);
    kernels.attention({
      out: queries(a.attentionOutput),
      logSumExp: null,
      q: queries(a.query),
      k: seen(keys),
      v: seen(values),
      visible: { first: rows.first.slice(firsts[s], count), end: rows.end.slice(firsts[s], count) },
      shape: attentionShape(model, 1, count, start + count),
    });
  });
}
