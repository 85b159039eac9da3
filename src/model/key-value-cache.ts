import type { DeviceBuffer } from "../device/kernels.js";
import { allocateBatch, allocateLayer, type BatchBuffers, type LayerActivations } from "./activations.js";
import { afterAttention, attentionInputs, attentionShape } from "./forward.js";
import { weightOf, type Model } from "./model.js";
import { embeddingName } from "./parameters.js";
import { createRopeTable, type RopeTable } from "./rope-table.js";

/** Keys and values of all layers for B sequences, [B, capacity, K·E] each: position t of sequence b lies at b·capacity + t. */
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
  const length = B * capacity * config.keyValueHeads * config.headWidth;
  const buffers = () => Array.from({ length: config.layers }, () => device.allocate("f32", length));
  return { model, B, capacity, keys: buffers(), values: buffers(), rope: createRopeTable(device, config, capacity) };
}

/** A cache of `capacity` positions with the first `filled` positions of some sequences. */
export function copyCache(cache: KeyValueCache, sequences: readonly number[], filled: number, capacity: number): KeyValueCache {
  const { kernels } = cache.model.device;
  const copy = createCache(cache.model, sequences.length, capacity);
  const width = cache.model.config.keyValueHeads * cache.model.config.headWidth;
  const copyRows = (to: DeviceBuffer, from: DeviceBuffer) =>
    sequences.forEach((b, i) => {
      kernels.copy(to.slice(i * capacity * width, filled * width), from.slice(b * cache.capacity * width, filled * width));
    });
  copy.keys.forEach((keys, layer) => copyRows(keys, cache.keys[layer]));
  copy.values.forEach((values, layer) => copyRows(values, cache.values[layer]));
  return copy;
}

/** Memory for `advance` over up to `maximumRows` rows. `a.input` holds the residual stream of the last layer afterwards. */
export interface AdvanceBuffers {
  readonly rows: BatchBuffers;
  readonly a: LayerActivations;
}

export function allocateAdvance(model: Model, maximumRows: number): AdvanceBuffers {
  return { rows: allocateBatch(model.device, maximumRows), a: allocateLayer(model.device, model.config, maximumRows) };
}

/**
 * Runs `count` further positions of every sequence through the layers and keeps their keys and values.
 *
 * @param ids     [B·count]
 * @param starts  [B] position of the first of them; each sequence sees itself from position 0 on
 */
export function advance(
  cache: KeyValueCache, { rows, a }: AdvanceBuffers, ids: Int32Array, starts: readonly number[], count: number,
): void {
  const { model, B, capacity } = cache;
  const { device, config } = model;
  const { kernels } = device;
  const N = B * count;
  const width = config.keyValueHeads * config.headWidth;
  const positions = ids.map((_, n) => starts[Math.floor(n / count)] + (n % count));
  device.write(rows.ids, ids);
  device.write(rows.positions, positions);
  device.write(rows.first, new Int32Array(N));
  device.write(rows.end, positions.map((position) => position + 1));
  const keep = (to: DeviceBuffer, from: DeviceBuffer) =>
    starts.forEach((start, b) => {
      kernels.copy(to.slice((b * capacity + start) * width, count * width), from.slice(b * count * width, count * width));
    });
  kernels.embed(a.input, weightOf(model, embeddingName), rows.ids, N, config.width);
  for (let layer = 0; layer < config.layers; layer++) {
    attentionInputs(model, layer, a, rows.positions, cache.rope, N);
    keep(cache.keys[layer], a.key);
    keep(cache.values[layer], a.value);
    const shape = attentionShape(model, B, count, capacity);
    kernels.attention(a.attended, null, a.query, cache.keys[layer], cache.values[layer], rows, shape);
    afterAttention(model, layer, a, a.input, N);
  }
}
