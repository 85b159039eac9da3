import type { DeviceBuffer } from "../device/kernels.js";
import { allocateBatch, allocateLayer, type BatchBuffers, type LayerActivations } from "./activations.js";
import { afterAttention, attentionInputs, attentionShape, firstInWindow } from "./forward.js";
import { weightOf, type Model } from "./model.js";
import { embeddingName } from "./parameters.js";
import { createRopeTable, type RopeTable } from "./rope-table.js";

/**
 * Keys and values of all layers for B sequences, operands [B, capacity, K·E] each: position t of sequence b lies at
 * b·capacity + t.
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
  const length = B * capacity * config.keyValueHeads * config.headWidth;
  const buffers = () => Array.from({ length: config.layers }, () => device.allocate(device.facts.products, length));
  return { model, B, capacity, keys: buffers(), values: buffers(), rope: createRopeTable(device, config, capacity) };
}

/** The first `filled` positions of a sequence become those of another. */
export function copySequence(cache: KeyValueCache, from: number, to: number, filled: number): void {
  const { kernels } = cache.model.device;
  const width = cache.model.config.keyValueHeads * cache.model.config.headWidth;
  const part = (buffer: DeviceBuffer, b: number) => buffer.slice(b * cache.capacity * width, filled * width);
  for (const buffer of [...cache.keys, ...cache.values]) kernels.copy(part(buffer, to), part(buffer, from));
}

/** Memory for a pass over up to so many rows. */
export interface PassBuffers {
  readonly rows: BatchBuffers;
  readonly a: LayerActivations;
}

export function allocatePass(model: Model, maximumRows: number): PassBuffers {
  return { rows: allocateBatch(model.device, maximumRows), a: allocateLayer(model.device, model.config, maximumRows) };
}

/** `count` further tokens of a sequence, from position `start`, which see it from position 0 on. */
export interface Stretch {
  readonly sequence: number;
  readonly start: number;
  readonly count: number;
}

/**
 * Runs stretches of different sequences through the layers and keeps their keys and values. Of the last layer it leaves the
 * residual stream that enters and what its attention gives, for `finishRows`.
 *
 * @param ids  [N] stretch after stretch; rows behind the last stretch are computed and lost
 */
export function advance(
  cache: KeyValueCache,
  { rows, a }: PassBuffers,
  ids: Int32Array,
  stretches: readonly Stretch[],
): void {
  const { model, capacity } = cache;
  const { device, config } = model;
  const { kernels } = device;
  const N = ids.length;
  const width = config.keyValueHeads * config.headWidth;
  const positions = new Int32Array(N);
  const firsts = firstRows(stretches);
  stretches.forEach(({ start, count }, s) => {
    for (let i = 0; i < count; i++) positions[firsts[s] + i] = start + i;
  });
  device.write(rows.ids, ids);
  device.write(rows.positions, positions);
  device.write(
    rows.first,
    positions.map((position) => firstInWindow(config, 0, position)),
  );
  device.write(
    rows.end,
    positions.map((position) => position + 1),
  );
  const keep = (to: DeviceBuffer, from: DeviceBuffer) =>
    stretches.forEach(({ sequence, start, count }, s) => {
      kernels.copy(
        to.slice((sequence * capacity + start) * width, count * width),
        from.slice(firsts[s] * width, count * width),
      );
    });
  kernels.embed(a.input, weightOf(model, embeddingName), rows.ids, N, config.width);
  for (let layer = 0; layer < config.layers; layer++) {
    attentionInputs(model, layer, a, rows.positions, cache.rope, N);
    keep(cache.keys[layer], a.key);
    keep(cache.values[layer], a.value);
    attendStretches(cache, layer, { rows, a }, stretches, firsts);
    if (layer + 1 < config.layers) afterAttention(model, layer, a, a.input, N);
  }
}

/** [stretch] → its first row. */
function firstRows(stretches: readonly Stretch[]): number[] {
  let next = 0;
  return stretches.map(({ count }) => (next += count) - count);
}

function attendStretches(
  cache: KeyValueCache,
  layer: number,
  { rows, a }: PassBuffers,
  stretches: readonly Stretch[],
  firsts: readonly number[],
): void {
  const { model, capacity } = cache;
  const { kernels } = model.device;
  const { queryHeads: H, keyValueHeads: K, headWidth: E } = model.config;
  const [keys, values] = [cache.keys[layer], cache.values[layer]];
  if (stretches.every(({ sequence, count }, s) => sequence === s && count === 1)) {
    return kernels.attention(
      a.attended,
      null,
      a.query,
      keys,
      values,
      rows,
      attentionShape(model, stretches.length, 1, capacity),
    );
  }
  stretches.forEach(({ sequence, start, count }, s) => {
    const queries = (buffer: DeviceBuffer) => buffer.slice(firsts[s] * H * E, count * H * E);
    const seen = (buffer: DeviceBuffer) => buffer.slice(sequence * capacity * K * E, (start + count) * K * E);
    const visible = { first: rows.first.slice(firsts[s], count), end: rows.end.slice(firsts[s], count) };
    kernels.attention(
      queries(a.attended),
      null,
      queries(a.query),
      seen(keys),
      seen(values),
      visible,
      attentionShape(model, 1, count, start + count),
    );
  });
}
