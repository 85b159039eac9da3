import type { DeviceBuffer } from "../../device/kernels.js";
import type { BatchBuffers, LayerActivations } from "./activations.js";
import { attentionInputs, layerOutput } from "./layer-forward.js";
import { gatherRows, type PredictedRowBuffers } from "./predicted-rows.js";
import { weightOf, type Model } from "../model.js";
import { embeddingName, finalNormName } from "../config/parameters.js";
import type { RopeTable } from "./rope-table.js";

/**
 * The attention of a layer: computes a.attentionOutput from a.query, a.key and a.value. Only this differs between
 * training (whole sequences), scoring (prefix groups) and generation (KV cache).
 */
export type Attend = (layer: number, a: LayerActivations) => void;

/** What a forward reads and where it writes. */
export interface ForwardPass {
  /** Rows to compute. */
  readonly N: number;
  readonly rows: Pick<BatchBuffers, "ids" | "positions">;
  readonly rope: RopeTable;
  /** [layer] If a backward follows, each layer has its own set; otherwise one set serves all layers. */
  readonly activations: readonly LayerActivations[];
  readonly attend: Attend;
  readonly end: ForwardEnd;
  /** Called when the weights of a layer are no longer needed. */
  readonly onLayerDone?: (layer: number) => void;
}

/** What follows the attention of the last layer. */
export interface ForwardEnd {
  /** The predicted rows: only these are computed from here on. Null for all N rows. */
  readonly predicted: PredictedRows | null;
  /** [M,D] the output of the last layer; M = N without `predicted` */
  readonly stream: DeviceBuffer;
  /** [M,D] operand: norm(stream), what the head reads */
  readonly normed: DeviceBuffer;
  /** [M] 1/rms of stream */
  readonly rstd: DeviceBuffer;
}

export interface PredictedRows {
  readonly last: PredictedRowBuffers;
  /** May be 0 if only keys and values are needed: then the last layer ends with its attention. */
  readonly M: number;
}

/** The end of a forward at M predicted rows; its outputs reuse the memory of `last`. */
export function predictedEnd(last: PredictedRowBuffers, M: number): ForwardEnd {
  const { input, attentionInput, attentionRstd } = last.a;
  return { predicted: { last, M }, stream: input, normed: attentionInput, rstd: attentionRstd };
}

/**
 * The model without its head: embedding, layers, final norm.
 *
 * @param from  the lowest layer to compute; above 0, activations[from].input holds the residual stream that enters it
 * @returns     what the head reads: end.normed
 */
export function forward(model: Model, pass: ForwardPass, from = 0): DeviceBuffer {
  const { kernels } = model.device;
  const { layers: L, hiddenSize: D, rmsNormEps } = model.config;
  const { N, rows, activations, end } = pass;
  if (from === 0) {
    kernels.embed({ out: activations[0].input, table: weightOf(model, embeddingName), ids: rows.ids, N, D });
  }
  for (let layer = from; layer < L - 1; layer++) {
    layerAttention(model, layer, pass);
    layerOutput(model, layer, activations[layer], activations[layer + 1].input, N);
    pass.onLayerDone?.(layer);
  }
  const all = layerAttention(model, L - 1, pass);
  const M = end.predicted ? end.predicted.M : N;
  if (M > 0) {
    const a = end.predicted ? gatherRows(model, all, end.predicted.last, M) : all;
    layerOutput(model, L - 1, a, end.stream, M);
  }
  pass.onLayerDone?.(L - 1);
  if (M > 0) {
    const weight = weightOf(model, finalNormName);
    kernels.rmsNorm({ out: end.normed, rstd: end.rstd, x: end.stream, weight, epsilon: rmsNormEps, N: M, D });
  }
  return end.normed;
}

/** The first half of a layer, including its attention. */
export function layerAttention(
  model: Model,
  layer: number,
  { N, rows, rope, activations, attend }: ForwardPass,
): LayerActivations {
  const a = activations[layer];
  attentionInputs(model, layer, a, rows.positions, rope, N);
  attend(layer, a);
  return a;
}
