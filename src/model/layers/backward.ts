import type { DeviceBuffer } from "../../device/kernels.js";
import type { BatchBuffers, LayerActivations } from "./activations.js";
import type { ModelConfig } from "../config/model-config.js";
import { attentionShape } from "./layer-forward.js";
import { weightOf, type Model } from "../model.js";
import { layerNames } from "../config/parameters.js";
import type { RopeTable } from "./rope-table.js";
import type { RowWidths } from "./row-buffers.js";

/** Gradients used only within the backward of one layer; one set serves all layers. */
export interface BackwardBuffers {
  /** [N,D] gradient of a norm's output */
  readonly dNormed: DeviceBuffer;
  /** [N,D] gradient of afterAttention */
  readonly dAfterAttention: DeviceBuffer;
  /** [N,F] and [N,H·E], operands */
  readonly dGated: DeviceBuffer;
  readonly dAttentionOutput: DeviceBuffer;
  /** [N,H·E], [N,K·E] and [N,K·E] */
  readonly dQuery: DeviceBuffer;
  readonly dKey: DeviceBuffer;
  readonly dValue: DeviceBuffer;
}

export function backwardWidths(config: ModelConfig): RowWidths<keyof BackwardBuffers> {
  const { hiddenSize: D, intermediateSize: F } = config;
  const Q = config.attentionHeads * config.headDim;
  const KV = config.keyValueHeads * config.headDim;
  return {
    floats: { dNormed: D, dAfterAttention: D, dQuery: Q, dKey: KV, dValue: KV },
    operands: { dGated: F, dAttentionOutput: Q },
  };
}

/** What the backward of every layer shares. */
export interface BackwardMemory {
  readonly backward: BackwardBuffers;
  readonly rows: BatchBuffers;
  readonly rope: RopeTable;
}

/**
 * Backward of a layer over whole sequences. Adds to the gradients of trained weights; frozen weights only pass
 * gradients on to their inputs.
 *
 * @param dStream  [N,D] gradient of the layer's output; afterwards that of its input
 * @param a        of the layer's forward; gate, up, query and key are overwritten
 */
export function layerBackward(
  model: Model,
  layer: number,
  a: LayerActivations,
  dStream: DeviceBuffer,
  { backward: d, rows, rope }: BackwardMemory,
  B: number,
  T: number,
): void {
  const { kernels, release } = model.device;
  const { hiddenSize: D, attentionHeads: H, keyValueHeads: K, headDim: E, intermediateSize: F } = model.config;
  const N = B * T;
  const names = layerNames(layer);
  const weight = (name: string) => weightOf(model, name);
  const gradient = (name: string) => model.gradients.get(name) ?? null;
  let previousX: DeviceBuffer | null = null;
  const addWeight = (name: string, dy: DeviceBuffer, x: DeviceBuffer, I: number, O: number) => {
    const dw = gradient(name);
    if (dw === null) return;
    kernels.matmulWeightGradient({ dw, dy, x, sameX: x === previousX, N, I, O });
    previousX = x;
    release(dw);
  };
  const inputGradient = (
    name: string,
    dx: DeviceBuffer,
    dy: DeviceBuffer,
    accumulate: boolean,
    I: number,
    O: number,
  ) => {
    const w = weight(name);
    kernels.matmulInputGradient({ dx, dy, w, accumulate, N, I, O });
    release(w);
  };
  const addBias = (name: string, dy: DeviceBuffer, O: number) => {
    const dBias = gradient(name);
    if (dBias) kernels.biasGradient({ dBias, dy, N, O });
  };
  const ropeBackward = (out: DeviceBuffer, x: DeviceBuffer, heads: number) =>
    kernels.rope({ out, x, positions: rows.positions, ...rope, inverse: true, N, heads, E });

  // 1. forward: output = afterAttention + Wdown · gated. So dGated = Wdownᵀ · dOutput.
  inputGradient(names.down, d.dGated, dStream, false, F, D);
  // 2. forward: gated = silu(gate) · up. dGate and dUp overwrite gate and up.
  const { gate, up } = a;
  const gated = model.gradients.has(names.down) ? a.gated : null;
  kernels.swigluBackward({ dGate: gate, dUp: up, gated, dOut: d.dGated, gate, up, length: N * F });
  addWeight(names.down, dStream, a.gated, F, D);
  // 3. forward: gate = Wgate · x and up = Wup · x with x = norm(afterAttention). The residual adds dOutput.
  addWeight(names.gate, a.gate, a.feedForwardInput, D, F);
  addWeight(names.up, a.up, a.feedForwardInput, D, F);
  addBias(names.downBias, dStream, D);
  addBias(names.gateBias, a.gate, F);
  addBias(names.upBias, a.up, F);
  inputGradient(names.gate, d.dNormed, a.gate, false, D, F);
  inputGradient(names.up, d.dNormed, a.up, true, D, F);
  kernels.rmsNormBackward({
    dx: d.dAfterAttention,
    dWeight: gradient(names.feedForwardNorm),
    dy: d.dNormed,
    x: a.afterAttention,
    weight: weight(names.feedForwardNorm),
    rstd: a.feedForwardRstd,
    residual: dStream,
    N,
    D,
  });

  // 4. forward: afterAttention = input + Wo · attentionOutput, attentionOutput = attention(query, key, value).
  addWeight(names.output, d.dAfterAttention, a.attentionOutput, H * E, D);
  addBias(names.outputBias, d.dAfterAttention, D);
  inputGradient(names.output, d.dAttentionOutput, d.dAfterAttention, false, H * E, D);
  kernels.attentionBackward({
    dq: d.dQuery,
    dk: d.dKey,
    dv: d.dValue,
    dOut: d.dAttentionOutput,
    out: a.attentionOutput,
    logSumExp: a.logSumExp,
    q: a.query,
    k: a.key,
    v: a.value,
    visible: rows,
    shape: attentionShape(model, B, T, T),
  });
  // 5. forward: query and key are rotated by RoPE. Their gradients before the rotation overwrite query and key.
  ropeBackward(a.query, d.dQuery, H);
  ropeBackward(a.key, d.dKey, K);
  // 6. forward: beforeRope = Wq · x and so on with x = norm(input). The residual adds dAfterAttention.
  addWeight(names.query, a.query, a.attentionInput, D, H * E);
  addWeight(names.key, a.key, a.attentionInput, D, K * E);
  addWeight(names.value, d.dValue, a.attentionInput, D, K * E);
  addBias(names.queryBias, a.query, H * E);
  addBias(names.keyBias, a.key, K * E);
  addBias(names.valueBias, d.dValue, K * E);
  inputGradient(names.query, d.dNormed, a.query, false, D, H * E);
  inputGradient(names.key, d.dNormed, a.key, true, D, K * E);
  inputGradient(names.value, d.dNormed, d.dValue, true, D, K * E);
  kernels.rmsNormBackward({
    dx: dStream,
    dWeight: gradient(names.attentionNorm),
    dy: d.dNormed,
    x: a.input,
    weight: weight(names.attentionNorm),
    rstd: a.attentionRstd,
    residual: d.dAfterAttention,
    N,
    D,
  });
}
