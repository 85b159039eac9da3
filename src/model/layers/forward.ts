import type { DeviceBuffer } from "../../device/kernels.js";
import type { BatchBuffers, LayerActivations } from "./activations.js";
import { attentionInputs, layerOutput } from "./layer-forward.js";
import { gatherRows, type PredictedRowBuffers } from "./predicted-rows.js";
import { weightOf, type Model } from "../model.js";
import { embeddingName, finalNormName } from "../config/parameters.js";
import type { RopeTable } from "./rope-table.js";

/**
 * How the queries of a layer see keys: from a.query, a.key and a.value it fills a.attended. This is the difference
 * between training (whole sequences), scoring (trees) and generation (a cache of keys and values).
 */
export type Attend = (layer: number, a: LayerActivations) => void;

/** What a forward reads and where it writes. */
export interface ForwardPass {
  /** The rows to compute. */
  readonly N: number;
  readonly rows: Pick<BatchBuffers, "ids" | "positions">;
  readonly rope: RopeTable;
  /** [layer]: a set of its own where a backward follows; otherwise one set serves all layers. */
  readonly activations: readonly LayerActivations[];
  readonly attend: Attend;
  readonly end: ForwardEnd;
  /** The weights of this layer are not needed any more. */
  readonly onLayerDone?: (layer: number) => void;
}

/** After the attention of the last layer. */
export interface ForwardEnd {
  /** The rows that predict, if only they are wanted: the others end here. Null for all N rows. */
  readonly predicted: PredictedRows | null;
  /** [M,D] the output of the last layer; M = N where all rows are wanted */
  readonly stream: DeviceBuffer;
  /** [M,D] operand: stream · norm, what the head reads */
  readonly normed: DeviceBuffer;
  /** [M] */
  readonly rstd: DeviceBuffer;
}

export interface PredictedRows {
  readonly last: PredictedRowBuffers;
  /** May be 0, for keys and values only: then nothing is left of the last layer. */
  readonly M: number;
}

/** Memory for the end of the model at the rows that predict serves as its output too. */
export function predictedEnd(last: PredictedRowBuffers, M: number): ForwardEnd {
  const { input, attentionInput, attentionRstd } = last.a;
  return { predicted: { last, M }, stream: input, normed: attentionInput, rstd: attentionRstd };
}

/**
 * The model up to its head: embedding, layers, last norm.
 *
 * @param from  the lowest layer to compute; above 0 the residual stream that enters it is in activations[from].input
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

/** A layer up to and with its attention. */
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
