import type { DeviceBuffer } from "../device/kernels.js";
import type { FloatArray } from "../tensor/dtype.js";
import { randomKey, uniform } from "../tensor/random.js";
import { allocateBatch, allocateLayer, type BatchBuffers, type LayerActivations } from "./activations.js";
import { afterAttention, attentionInputs, attentionShape } from "./forward.js";
import { weightOf, type Model } from "./model.js";
import { embeddingName, finalNormName, headName } from "./parameters.js";
import { createRopeTable, type RopeTable } from "./rope-table.js";

export interface GenerateOptions {
  readonly maximumTokens: number;
  /** 0 takes the likeliest token; above 0 draws from softmax(logits / temperature). */
  readonly temperature: number;
  readonly seed: number;
  /** Called after each new token of a row with all its new tokens; true ends the row. */
  readonly stop: (row: number, tokens: readonly number[]) => boolean;
}

/** Keys and values of all layers, [B, capacity, K·E] each: row b's position t lies at b·capacity + t. */
interface Cache {
  readonly keys: readonly DeviceBuffer[];
  readonly values: readonly DeviceBuffer[];
  readonly capacity: number;
}

interface Session {
  readonly model: Model;
  readonly B: number;
  readonly cache: Cache;
  readonly rope: RopeTable;
  readonly rows: BatchBuffers;
  readonly a: LayerActivations;
  readonly last: DeviceBuffer;
  readonly logits: DeviceBuffer;
}

/**
 * Continues prompts, all in one batch. A row's result does not depend on the other rows.
 *
 * @param prompts  at least one id each
 * @returns the new ids of each row; a row ends before an end-of-sequence id, after `maximumTokens`, or where `stop` says so
 */
export async function generate(
  model: Model, prompts: readonly (readonly number[])[], options: GenerateOptions,
): Promise<number[][]> {
  const out: number[][] = prompts.map(() => []);
  if (prompts.length === 0 || options.maximumTokens === 0) return out;
  const longest = Math.max(...prompts.map(({ length }) => length));
  const session = openSession(model, prompts.length, longest, longest + options.maximumTokens);
  const running = prompts.map(() => true);
  let logits = await prefill(session, prompts, longest);
  for (let step = 0; step < options.maximumTokens; step++) {
    const next = chooseTokens(model, logits, options, step);
    next.forEach((id, row) => {
      if (!running[row]) return;
      running[row] = !model.config.eosIds.includes(id);
      if (!running[row]) return;
      out[row].push(id);
      if (options.stop(row, out[row])) running[row] = false;
    });
    if (!running.includes(true) || step + 1 === options.maximumTokens) break;
    logits = await decode(session, next, prompts.map(({ length }) => length + step));
  }
  return out;
}

function openSession(model: Model, B: number, longest: number, capacity: number): Session {
  const { device, config } = model;
  const caches = () =>
    Array.from({ length: config.layers }, () => device.allocate("f32", B * capacity * config.keyValueHeads * config.headWidth));
  return {
    model,
    B,
    cache: { keys: caches(), values: caches(), capacity },
    rope: createRopeTable(device, config, capacity),
    rows: allocateBatch(device, B * longest),
    a: allocateLayer(device, config, B * longest),
    last: device.allocate("f32", B * config.width),
    logits: device.allocate("f32", B * config.vocabularySize),
  };
}

/** Runs the prompts, padded at the end: what is behind a prompt is never seen and overwritten by its continuation. */
async function prefill(session: Session, prompts: readonly (readonly number[])[], T: number): Promise<FloatArray> {
  const { model, B, cache, rows, a } = session;
  const { device, config } = model;
  const width = config.keyValueHeads * config.headWidth;
  const index = Int32Array.from({ length: B * T }, (_, n) => n);
  device.write(rows.ids, index.map((n) => prompts[Math.floor(n / T)][n % T] ?? 0));
  device.write(rows.positions, index.map((n) => n % T));
  device.write(rows.first, new Int32Array(B * T));
  device.write(rows.end, index.map((n) => (n % T) + 1));
  runLayers(session, B * T, (layer) => {
    for (let b = 0; b < B; b++) {
      const at = b * cache.capacity * width;
      device.kernels.copy(cache.keys[layer].slice(at, T * width), a.key.slice(b * T * width, T * width));
      device.kernels.copy(cache.values[layer].slice(at, T * width), a.value.slice(b * T * width, T * width));
    }
    device.kernels.attention(a.attended, null, a.query, a.key, a.value, rows, attentionShape(model, B, T, T));
  });
  return logitsOf(session, prompts.map(({ length }, b) => b * T + length - 1));
}

/** One more token for each row, at its own position. */
async function decode(session: Session, ids: readonly number[], positions: readonly number[]): Promise<FloatArray> {
  const { model, B, cache, rows, a } = session;
  const { device, config } = model;
  const width = config.keyValueHeads * config.headWidth;
  device.write(rows.ids, Int32Array.from(ids));
  device.write(rows.positions, Int32Array.from(positions));
  device.write(rows.first, new Int32Array(B));
  device.write(rows.end, Int32Array.from(positions, (position) => position + 1));
  runLayers(session, B, (layer) => {
    positions.forEach((position, b) => {
      const at = (b * cache.capacity + position) * width;
      device.kernels.copy(cache.keys[layer].slice(at, width), a.key.slice(b * width, width));
      device.kernels.copy(cache.values[layer].slice(at, width), a.value.slice(b * width, width));
    });
    const shape = attentionShape(model, B, 1, cache.capacity);
    device.kernels.attention(a.attended, null, a.query, cache.keys[layer], cache.values[layer], rows, shape);
  });
  return logitsOf(session, ids.map((_, b) => b));
}

function runLayers({ model, rows, a, rope }: Session, N: number, attend: (layer: number) => void): void {
  model.device.kernels.embed(a.input, weightOf(model, embeddingName), rows.ids, N, model.config.width);
  for (let layer = 0; layer < model.config.layers; layer++) {
    attentionInputs(model, layer, a, rows.positions, rope, N);
    attend(layer);
    afterAttention(model, layer, a, a.input, N);
  }
}

/** Logits [B,V] of the given rows of the residual stream. */
async function logitsOf({ model, B, a, last, logits }: Session, atRows: readonly number[]): Promise<FloatArray> {
  const { device, config } = model;
  const { width: D, vocabularySize: V } = config;
  atRows.forEach((row, b) => device.kernels.copy(last.slice(b * D, D), a.input.slice(row * D, D)));
  device.kernels.rmsNorm(last, a.attentionRstd, last, weightOf(model, finalNormName), config.normEpsilon, B, D);
  device.kernels.matmul(logits, last, weightOf(model, headName(config)), null, B, D, V);
  return (await device.read(logits)) as FloatArray;
}

function chooseTokens({ config }: Model, logits: FloatArray, options: GenerateOptions, step: number): number[] {
  const V = config.vocabularySize;
  return Array.from({ length: logits.length / V }, (_, row) => {
    const scores = logits.subarray(row * V, (row + 1) * V);
    let best = 0;
    for (let id = 1; id < V; id++) if (scores[id] > scores[best]) best = id;
    if (options.temperature === 0) return best;
    const weights = Float64Array.from(scores, (score) => Math.exp((score - scores[best]) / options.temperature));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    let left = uniform(randomKey(options.seed, `generate ${row}`), step) * total;
    const id = weights.findIndex((weight) => (left -= weight) < 0);
    return id < 0 ? best : id;
  });
}
