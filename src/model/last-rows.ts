import type { DeviceBuffer } from "../device/kernels.js";
import { allocateLayer, type LayerActivations } from "./activations.js";
import { afterAttention } from "./forward.js";
import { weightOf, type Model } from "./model.js";
import { finalNormName } from "./parameters.js";

/** Memory for the end of the model at the rows that predict. */
export interface LastRows {
  /** [M] i32, the rows */
  readonly rows: DeviceBuffer;
  readonly a: LayerActivations;
}

export function allocateLastRows(model: Model, M: number): LastRows {
  return { rows: model.device.allocate("i32", M), a: allocateLayer(model.device, model.config, M) };
}

/**
 * What is left of the last layer after its attention, and the final norm, at M rows only: nothing else is asked there.
 *
 * @param all   the last layer's residual stream and attention of all rows
 * @returns     [M,D] operand, what the head reads
 */
export function finishRows(model: Model, all: LayerActivations, { rows, a }: LastRows, M: number): DeviceBuffer {
  const { kernels } = model.device;
  const { layers, width: D, queryHeads: H, headWidth: E, normEpsilon } = model.config;
  kernels.embed(a.input, all.input, rows, M, D);
  kernels.embed(a.unturned, all.attended, rows, M, H * E);
  afterAttention(model, layers - 1, { ...a, attended: a.unturned }, a.input, M);
  kernels.rmsNorm(a.attentionInput, a.attentionRstd, a.input, weightOf(model, finalNormName), normEpsilon, M, D);
  return a.attentionInput;
}
