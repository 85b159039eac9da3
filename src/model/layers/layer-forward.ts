/** The forward of one layer in two halves, before and after its attention. */
import type { AttentionShape, DeviceBuffer } from "../../device/kernels.js";
import type { LayerActivations } from "./activations.js";
import { weightOf, type Model } from "../model.js";
import { layerNames } from "../config/parameters.js";
import type { RopeTable } from "./rope-table.js";

export function attentionShape({ config }: Model, B: number, queries: number, keys: number): AttentionShape {
  return { B, queries, keys, H: config.attentionHeads, K: config.keyValueHeads, E: config.headDim };
}

/** out = x + bias; does nothing if the model has no bias of this name. */
function addBias(
  { device, weights }: Model,
  name: string,
  out: DeviceBuffer,
  x: DeviceBuffer,
  N: number,
  O: number,
): void {
  const bias = weights.get(name);
  if (bias) device.kernels.addBias({ out, x, bias, N, O });
}

/**
 * A layer before its attention: x = norm(input), query = rope(Wq · x), key = rope(Wk · x), value = Wv · x, with biases
 * if the model has them.
 */
export function attentionInputs(
  model: Model,
  layer: number,
  a: LayerActivations,
  positions: DeviceBuffer,
  { cosine, sine }: RopeTable,
  N: number,
): void {
  const { kernels } = model.device;
  const { hiddenSize: D, attentionHeads: H, keyValueHeads: K, headDim: E, rmsNormEps: epsilon } = model.config;
  const names = layerNames(layer);
  const weight = (name: string) => weightOf(model, name);
  const [x, rstd] = [a.attentionInput, a.attentionRstd];
  kernels.rmsNorm({ out: x, rstd, x: a.input, weight: weight(names.attentionNorm), epsilon, N, D });
  const project = (out: DeviceBuffer, name: string, O: number, sameX: boolean) =>
    kernels.matmul({ out, x, w: weight(name), residual: null, sameX, N, I: D, O });
  const rope = (out: DeviceBuffer, heads: number) =>
    kernels.rope({ out, x: a.beforeRope, positions, cosine, sine, inverse: false, N, heads, E });
  project(a.beforeRope, names.query, H * E, false);
  addBias(model, names.queryBias, a.beforeRope, a.beforeRope, N, H * E);
  rope(a.query, H);
  project(a.beforeRope, names.key, K * E, true);
  addBias(model, names.keyBias, a.beforeRope, a.beforeRope, N, K * E);
  rope(a.key, K);
  // With a bias the product stays f32, so that the sum is rounded to an operand only once.
  const value = model.weights.has(names.valueBias) ? a.beforeRope : a.value;
  project(value, names.value, K * E, true);
  addBias(model, names.valueBias, a.value, value, N, K * E);
}

/**
 * A layer after its attention, as far as its backward needs it: h = input + Wo · attentionOutput, x = norm(h),
 * gate = Wgate · x, up = Wup · x.
 */
export function feedForwardInputs(model: Model, layer: number, a: LayerActivations, N: number): void {
  const { kernels } = model.device;
  const { hiddenSize: D, attentionHeads: H, headDim: E, intermediateSize: F, rmsNormEps: epsilon } = model.config;
  const names = layerNames(layer);
  const weight = (name: string) => weightOf(model, name);
  kernels.matmul({
    out: a.afterAttention,
    x: a.attentionOutput,
    w: weight(names.output),
    residual: a.input,
    N,
    I: H * E,
    O: D,
  });
  addBias(model, names.outputBias, a.afterAttention, a.afterAttention, N, D);
  const [x, rstd] = [a.feedForwardInput, a.feedForwardRstd];
  kernels.rmsNorm({ out: x, rstd, x: a.afterAttention, weight: weight(names.feedForwardNorm), epsilon, N, D });
  kernels.matmul({ out: a.gate, x, w: weight(names.gate), residual: null, N, I: D, O: F });
  kernels.matmul({ out: a.up, x, w: weight(names.up), residual: null, sameX: true, N, I: D, O: F });
  addBias(model, names.gateBias, a.gate, a.gate, N, F);
  addBias(model, names.upBias, a.up, a.up, N, F);
}

/**
 * A layer after its attention: with h = input + Wo · attentionOutput,
 * output = h + Wdown · (silu(Wgate · norm(h)) · Wup · norm(h)).
 *
 * @param output  [N,D]; may be a.input
 */
export function layerOutput(model: Model, layer: number, a: LayerActivations, output: DeviceBuffer, N: number): void {
  const { kernels } = model.device;
  const { hiddenSize: D, intermediateSize: F } = model.config;
  feedForwardInputs(model, layer, a, N);
  kernels.swiglu({ out: a.gated, gate: a.gate, up: a.up, length: N * F });
  const names = layerNames(layer);
  const w = weightOf(model, names.down);
  kernels.matmul({ out: output, x: a.gated, w, residual: a.afterAttention, N, I: F, O: D });
  addBias(model, names.downBias, output, output, N, D);
}
