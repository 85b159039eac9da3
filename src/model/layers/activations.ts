import type { Device, DeviceBuffer, ProductType } from "../../device/kernels.js";
import type { LlamaConfig } from "../config/model-config.js";
import { lowestLayer, type Window } from "../config/parameters.js";
import { allocateRows, rowBytes, type RowWidths } from "./row-buffers.js";

/** What the forward of one layer leaves for its backward. N rows; "operand" is of the dtype that the device multiplies. */
export interface LayerActivations {
  /** [N,D] the residual stream that enters */
  readonly input: DeviceBuffer;
  /** [N,D] operand: input · norm, what the attention reads; [N] its 1/rms */
  readonly attentionInput: DeviceBuffer;
  readonly attentionRstd: DeviceBuffer;
  /** [N,H·E] or [N,K·E] before rope turns it; one memory for all layers */
  readonly unturned: DeviceBuffer;
  /** [N,H·E] and [N,K·E], operands: query and key turned by rope */
  readonly query: DeviceBuffer;
  readonly key: DeviceBuffer;
  readonly value: DeviceBuffer;
  /** [N,H·E] operand, and [N,H] */
  readonly attended: DeviceBuffer;
  readonly logSumExp: DeviceBuffer;
  /** [N,D] the residual stream after the attention */
  readonly middle: DeviceBuffer;
  readonly feedForwardInput: DeviceBuffer;
  readonly feedForwardRstd: DeviceBuffer;
  /** [N,F] operands */
  readonly gate: DeviceBuffer;
  readonly up: DeviceBuffer;
  /** [N,F] operand: silu(gate) · up; one memory for all layers, the backward makes it again */
  readonly gated: DeviceBuffer;
}

type Widths = RowWidths<keyof LayerActivations>;

interface LayerWidths {
  /** What the backward of every layer needs, trained or not. */
  readonly kept: Widths;
  /** What only the gradients of weights are made from: layers that are not trained share one set. */
  readonly weightInputs: Widths;
  /** Used within one layer's pass: all layers share one set. */
  readonly passing: Widths;
}

function layerWidths({
  width: D,
  feedForwardWidth: F,
  queryHeads: H,
  keyValueHeads: K,
  headWidth: E,
}: LlamaConfig): LayerWidths {
  return {
    kept: {
      floats: { input: D, attentionRstd: 1, logSumExp: H, middle: D, feedForwardRstd: 1 },
      operands: { query: H * E, key: K * E, value: K * E, attended: H * E, gate: F, up: F },
    },
    weightInputs: { floats: {}, operands: { attentionInput: D, feedForwardInput: D } },
    passing: { floats: { unturned: H * E }, operands: { gated: F } },
  };
}

export function allocateLayer(device: Device, config: LlamaConfig, N: number): LayerActivations {
  const { kept, weightInputs, passing } = layerWidths(config);
  return {
    ...allocateRows(device, kept, N),
    ...allocateRows(device, weightInputs, N),
    ...allocateRows(device, passing, N),
  };
}

/**
 * Activations of each layer for training a window. Below the lowest trained layer all share one set, for nothing goes
 * back through them; from there on each keeps its own, less what only a trained layer needs. With `recompute` each keeps
 * its input only, and all share one set of the rest.
 */
export function allocateTraining(
  device: Device,
  config: LlamaConfig,
  window: Window,
  N: number,
  recompute: boolean,
): readonly LayerActivations[] {
  const { kept, weightInputs, passing } = layerWidths(config);
  const lowest = lowestLayer(window);
  const shared = allocateRows(device, passing, N);
  const trained = (layer: number) => window.first <= layer && layer < window.end;
  const trainsAll = window.end - window.first === config.layers;
  const unused = trainsAll && !recompute ? null : allocateRows(device, weightInputs, N);
  const one = lowest > 0 || recompute ? allocateRows(device, kept, N) : null;
  return Array.from({ length: config.layers }, (_, layer) => {
    const isBelow = layer < lowest;
    const inputs = unused && (recompute || !trained(layer)) ? unused : allocateRows(device, weightInputs, N);
    if (one && isBelow) return { ...one, ...inputs, ...shared };
    if (one && recompute) return { ...one, ...inputs, ...shared, input: device.allocate("f32", N * config.width) };
    return { ...allocateRows(device, kept, N), ...inputs, ...shared };
  });
}

/** Bytes per row that `allocateTraining` takes. */
export function trainingRowBytes(
  config: LlamaConfig,
  window: Window,
  products: ProductType,
  recompute: boolean,
): number {
  const { kept, weightInputs, passing } = layerWidths(config);
  const [keptBytes, weightInputBytes, passingBytes] = [kept, weightInputs, passing].map((widths) =>
    rowBytes(widths, products),
  );
  const lowest = lowestLayer(window);
  const above = config.layers - lowest;
  if (recompute) return keptBytes + weightInputBytes + passingBytes + above * 4 * config.width;
  const trained = window.end - window.first;
  const sets = above + (lowest > 0 ? 1 : 0);
  const weightInputSets = trained + (trained < config.layers ? 1 : 0);
  return sets * keptBytes + weightInputSets * weightInputBytes + passingBytes;
}

/** Row data of a batch on the device. */
export interface BatchBuffers {
  readonly ids: DeviceBuffer;
  readonly targets: DeviceBuffer;
  readonly positions: DeviceBuffer;
  readonly first: DeviceBuffer;
  readonly end: DeviceBuffer;
}

export function allocateBatch(device: Device, N: number): BatchBuffers {
  const rows = () => device.allocate("i32", N);
  return { ids: rows(), targets: rows(), positions: rows(), first: rows(), end: rows() };
}
