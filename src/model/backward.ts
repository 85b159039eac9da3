import type { DeviceBuffer } from "../device/kernels.js";
import type { BatchBuffers, LayerActivations } from "./activations.js";
import type { LlamaConfig } from "./config.js";
import { attentionShape } from "./forward.js";
import { weightOf, type Model } from "./model.js";
import { layerNames } from "./parameters.js";
import type { RopeTable } from "./rope-table.js";
import type { RowWidths } from "./row-buffers.js";

/** Gradients that live within one layer's backward only; one set serves all layers. */
export interface BackwardBuffers {
  /** [N,D] gradient of a norm's output */
  readonly dNormed: DeviceBuffer;
  /** [N,D] of the stream after the attention */
  readonly dMiddle: DeviceBuffer;
  /** operands */
  readonly dGated: DeviceBuffer;
  readonly dAttended: DeviceBuffer;
  readonly dQuery: DeviceBuffer;
  readonly dKey: DeviceBuffer;
  readonly dValue: DeviceBuffer;
}

export function backwardWidths(config: LlamaConfig): RowWidths<keyof BackwardBuffers> {
  const { width: D, feedForwardWidth: F } = config;
  const Q = config.queryHeads * config.headWidth;
  const KV = config.keyValueHeads * config.headWidth;
  return { floats: { dNormed: D, dMiddle: D, dQuery: Q, dKey: KV, dValue: KV }, operands: { dGated: F, dAttended: Q } };
}

/**
 * Reverses `layerForward`. Adds the gradients of trained weights; of frozen ones only the inputs' gradients are made.
 *
 * @param dStream  [N,D] gradient of the layer's output; afterwards of its input
 * @param a        its gate, up, query and key are overwritten
 */
export function layerBackward(
  model: Model,
  layer: number,
  a: LayerActivations,
  dStream: DeviceBuffer,
  d: BackwardBuffers,
  rows: BatchBuffers,
  rope: RopeTable,
  B: number,
  T: number,
): void {
  const { kernels, release } = model.device;
  const { width: D, queryHeads: H, keyValueHeads: K, headWidth: E, feedForwardWidth: F } = model.config;
  const N = B * T;
  const names = layerNames(layer);
  const weight = (name: string) => weightOf(model, name);
  const gradient = (name: string) => model.gradients.get(name) ?? null;
  const addWeight = (name: string, dy: DeviceBuffer, x: DeviceBuffer, inputs: number, outputs: number) => {
    const dw = gradient(name);
    if (dw === null) return;
    kernels.matmulWeightGradient(dw, dy, x, N, inputs, outputs);
    release(dw);
  };
  const inputGradient = (
    name: string,
    dx: DeviceBuffer,
    dy: DeviceBuffer,
    accumulate: boolean,
    inputs: number,
    outputs: number,
  ) => {
    kernels.matmulInputGradient(dx, dy, weight(name), accumulate, N, inputs, outputs);
    release(weight(name));
  };
  const addBias = (name: string, dy: DeviceBuffer, outputs: number) => {
    const dBias = gradient(name);
    if (dBias) kernels.biasGradient(dBias, dy, N, outputs);
  };

  // forward: output = middle + Wdown · gated
  inputGradient(names.down, d.dGated, dStream, false, F, D);
  // forward: gated = silu(gate) · up; the gradients take the places of gate and up
  const isTrained = model.gradients.has(names.down);
  kernels.swigluBackward(a.gate, a.up, isTrained ? a.gated : null, d.dGated, a.gate, a.up, N * F);
  addWeight(names.down, dStream, a.gated, F, D);
  addWeight(names.gate, a.gate, a.feedForwardInput, D, F);
  addWeight(names.up, a.up, a.feedForwardInput, D, F);
  addBias(names.downBias, dStream, D);
  addBias(names.gateBias, a.gate, F);
  addBias(names.upBias, a.up, F);
  inputGradient(names.gate, d.dNormed, a.gate, false, D, F);
  inputGradient(names.up, d.dNormed, a.up, true, D, F);
  kernels.rmsNormBackward(
    d.dMiddle,
    gradient(names.feedForwardNorm),
    d.dNormed,
    a.middle,
    weight(names.feedForwardNorm),
    a.feedForwardRstd,
    dStream,
    N,
    D,
  );

  // forward: middle = input + Wo · attended
  addWeight(names.output, d.dMiddle, a.attended, H * E, D);
  addBias(names.outputBias, d.dMiddle, D);
  inputGradient(names.output, d.dAttended, d.dMiddle, false, H * E, D);
  kernels.attentionBackward(
    d.dQuery,
    d.dKey,
    d.dValue,
    d.dAttended,
    a.attended,
    a.logSumExp,
    a.query,
    a.key,
    a.value,
    rows,
    attentionShape(model, B, T, T),
  );
  // forward: query and key are turned by rope; the gradients before it take their places
  kernels.rope(a.query, d.dQuery, rows.positions, rope.cosine, rope.sine, true, N, H, E);
  kernels.rope(a.key, d.dKey, rows.positions, rope.cosine, rope.sine, true, N, K, E);
  addWeight(names.query, a.query, a.attentionInput, D, H * E);
  addWeight(names.key, a.key, a.attentionInput, D, K * E);
  addWeight(names.value, d.dValue, a.attentionInput, D, K * E);
  addBias(names.queryBias, a.query, H * E);
  addBias(names.keyBias, a.key, K * E);
  addBias(names.valueBias, d.dValue, K * E);
  inputGradient(names.query, d.dNormed, a.query, false, D, H * E);
  inputGradient(names.key, d.dNormed, a.key, true, D, K * E);
  inputGradient(names.value, d.dNormed, d.dValue, true, D, K * E);
  kernels.rmsNormBackward(
    dStream,
    gradient(names.attentionNorm),
    d.dNormed,
    a.input,
    weight(names.attentionNorm),
    a.attentionRstd,
    d.dMiddle,
    N,
    D,
  );
}
