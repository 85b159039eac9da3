import type { Device, DeviceBuffer } from "../../device/kernels.js";
import { allocateLayer, type LayerActivations } from "./activations.js";
import type { ModelConfig } from "../config/model-config.js";
import type { Model } from "../model.js";

/** Memory for the end of the model at the predicted rows. */
export interface PredictedRowBuffers {
  /** [M] i32, indices of the predicted rows */
  readonly rows: DeviceBuffer;
  readonly a: LayerActivations;
}

export function allocatePredictedRows(device: Device, config: ModelConfig, M: number): PredictedRowBuffers {
  return { rows: device.allocate("i32", M), a: allocateLayer(device, config, M) };
}

/**
 * Gathers input and attentionOutput of the last layer at the M predicted rows: the rest of the layer reads only these.
 *
 * @param all  activations of the last layer at all rows
 */
export function gatherRows(
  model: Model,
  all: LayerActivations,
  { rows, a }: PredictedRowBuffers,
  M: number,
): LayerActivations {
  const { kernels } = model.device;
  const { hiddenSize: D, attentionHeads: H, headDim: E } = model.config;
  kernels.embed({ out: a.input, table: all.input, ids: rows, N: M, D });
  kernels.embed({ out: a.beforeRope, table: all.attentionOutput, ids: rows, N: M, D: H * E });
  return { ...a, attentionOutput: a.beforeRope };
}
