import type { AttentionShape, DeviceBuffer } from "../device/kernels.js";
import type { BatchBuffers, LayerActivations } from "./activations.js";
import { checkBatch, type Batch } from "./batch.js";
import type { LlamaConfig } from "./config.js";
import { weightOf, type Model } from "./model.js";
import { layerNames } from "./parameters.js";
import type { RopeTable } from "./rope-table.js";

/** The first of the positions from `first` on that a position may see through the model's window. */
export function firstInWindow({ slidingWindow }: LlamaConfig, first: number, position: number): number {
  return slidingWindow === null ? first : Math.max(first, position - slidingWindow + 1);
}

/** Writes the rows of a batch; position t of a sequence sees firstVisible … t, as far as the model's window reaches. */
export function writeBatch(model: Model, rows: BatchBuffers, batch: Batch): void {
  const { device } = model;
  const { T, ids, targets, firstVisible } = batch;
  checkBatch(model.config, batch);
  device.write(rows.ids, ids);
  device.write(rows.targets, targets);
  device.write(
    rows.positions,
    ids.map((_, n) => n % T),
  );
  device.write(
    rows.first,
    firstVisible.map((first, n) => firstInWindow(model.config, first, n % T)),
  );
  device.write(
    rows.end,
    ids.map((_, n) => (n % T) + 1),
  );
}

export function attentionShape({ config }: Model, B: number, queries: number, keys: number): AttentionShape {
  return { B, queries, keys, H: config.queryHeads, K: config.keyValueHeads, E: config.headWidth };
}

/** out = x + bias; nothing where the model has none of this name. */
function addBias(
  { device, weights }: Model,
  name: string,
  out: DeviceBuffer,
  x: DeviceBuffer,
  N: number,
  O: number,
): void {
  const bias = weights.get(name);
  if (bias) device.kernels.addBias(out, x, bias, N, O);
}

/** Norm, query, key, value and rope: all of a layer up to its attention. */
export function attentionInputs(
  model: Model,
  layer: number,
  a: LayerActivations,
  positions: DeviceBuffer,
  rope: RopeTable,
  N: number,
): void {
  const { kernels } = model.device;
  const { width: D, queryHeads: H, keyValueHeads: K, headWidth: E, normEpsilon } = model.config;
  const names = layerNames(layer);
  kernels.rmsNorm(a.attentionInput, a.attentionRstd, a.input, weightOf(model, names.attentionNorm), normEpsilon, N, D);
  kernels.matmul(a.unturned, a.attentionInput, weightOf(model, names.query), null, N, D, H * E);
  addBias(model, names.queryBias, a.unturned, a.unturned, N, H * E);
  kernels.rope(a.query, a.unturned, positions, rope.cosine, rope.sine, false, N, H, E);
  kernels.matmul(a.unturned, a.attentionInput, weightOf(model, names.key), null, N, D, K * E);
  addBias(model, names.keyBias, a.unturned, a.unturned, N, K * E);
  kernels.rope(a.key, a.unturned, positions, rope.cosine, rope.sine, false, N, K, E);
  // The sum with a bias is rounded to an operand once.
  const value = model.weights.has(names.valueBias) ? a.unturned : a.value;
  kernels.matmul(value, a.attentionInput, weightOf(model, names.value), null, N, D, K * E);
  addBias(model, names.valueBias, a.value, value, N, K * E);
}

/** Output projection, norm, gate and up: of a layer after its attention all that its backward needs. */
function feedForwardInputs(model: Model, layer: number, a: LayerActivations, N: number): void {
  const { kernels } = model.device;
  const { width: D, queryHeads: H, headWidth: E, feedForwardWidth: F, normEpsilon } = model.config;
  const names = layerNames(layer);
  kernels.matmul(a.middle, a.attended, weightOf(model, names.output), a.input, N, H * E, D);
  addBias(model, names.outputBias, a.middle, a.middle, N, D);
  kernels.rmsNorm(
    a.feedForwardInput,
    a.feedForwardRstd,
    a.middle,
    weightOf(model, names.feedForwardNorm),
    normEpsilon,
    N,
    D,
  );
  kernels.matmul(a.gate, a.feedForwardInput, weightOf(model, names.gate), null, N, D, F);
  kernels.matmul(a.up, a.feedForwardInput, weightOf(model, names.up), null, N, D, F);
  addBias(model, names.gateBias, a.gate, a.gate, N, F);
  addBias(model, names.upBias, a.up, a.up, N, F);
}

/** All of a layer after its attention. output may be a.input. */
export function afterAttention(
  model: Model,
  layer: number,
  a: LayerActivations,
  output: DeviceBuffer,
  N: number,
): void {
  const { kernels } = model.device;
  const { width: D, feedForwardWidth: F } = model.config;
  feedForwardInputs(model, layer, a, N);
  kernels.swiglu(a.gated, a.gate, a.up, N * F);
  const names = layerNames(layer);
  kernels.matmul(output, a.gated, weightOf(model, names.down), a.middle, N, F, D);
  addBias(model, names.downBias, output, output, N, D);
}

function attend(model: Model, a: LayerActivations, rows: BatchBuffers, B: number, T: number): void {
  model.device.kernels.attention(
    a.attended,
    a.logSumExp,
    a.query,
    a.key,
    a.value,
    rows,
    attentionShape(model, B, T, T),
  );
}

/**
 * One layer over whole sequences: h = x + Wo·attention(norm(x)); output = h + Wdown·(silu(Wgate·norm(h)) · Wup·norm(h)).
 *
 * @param output  [N,D]; may be a.input
 */
export function layerForward(
  model: Model,
  layer: number,
  a: LayerActivations,
  output: DeviceBuffer,
  rows: BatchBuffers,
  rope: RopeTable,
  B: number,
  T: number,
): void {
  attentionInputs(model, layer, a, rows.positions, rope, B * T);
  attend(model, a, rows, B, T);
  afterAttention(model, layer, a, output, B * T);
}

/** From a.input all that the layer's backward needs. */
export function layerActivations(
  model: Model,
  layer: number,
  a: LayerActivations,
  rows: BatchBuffers,
  rope: RopeTable,
  B: number,
  T: number,
): void {
  attentionInputs(model, layer, a, rows.positions, rope, B * T);
  attend(model, a, rows, B, T);
  feedForwardInputs(model, layer, a, B * T);
}
