import type { Device, DeviceBuffer, ComputeDType } from "../../device/kernels.js";
import type { ModelConfig } from "../config/model-config.js";
import { lowestLayer, type Window } from "../config/window.js";
import { allocateRows, rowBytes, type RowWidths } from "./row-buffers.js";

/** What the forward of one layer leaves for its backward. N rows; "operand" is of the dtype that the device multiplies. */
export interface LayerActivations {
  /** [N,D] the residual stream that enters */
  readonly input: DeviceBuffer;
  /** [N,D] operand: input · norm, what the attention reads; [N] its 1/rms */
  readonly attentionInput: DeviceBuffer;
  readonly attentionRstd: DeviceBuffer;
  /** [N,H·E] or [N,K·E] before rope turns it; one memory for all layers */
  readonly beforeRope: DeviceBuffer;
  /** [N,H·E] and [N,K·E], operands: query and key turned by rope */
  readonly query: DeviceBuffer;
  readonly key: DeviceBuffer;
  readonly value: DeviceBuffer;
  /** [N,H·E] operand, and [N,H] */
  readonly attentionOutput: DeviceBuffer;
  readonly logSumExp: DeviceBuffer;
  /** [N,D] the residual stream after the attention */
  readonly afterAttention: DeviceBuffer;
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
  hiddenSize: D,
  intermediateSize: F,
  attentionHeads: H,
  keyValueHeads: K,
  headDim: E,
}: ModelConfig): LayerWidths {
  return {
    kept: {
      floats: { input: D, attentionRstd: 1, logSumExp: H, afterAttention: D, feedForwardRstd: 1 },
      operands: { query: H * E, key: K * E, value: K * E, attentionOutput: H * E, gate: F, up: F },
    },
    weightInputs: { floats: {}, operands: { attentionInput: D, feedForwardInput: D } },
    passing: { floats: { beforeRope: H * E }, operands: { gated: F } },
  };
}

export function allocateLayer(device: Device, config: ModelConfig, N: number): LayerActivations {
  const { kept, weightInputs, passing } = layerWidths(config);
  return {
    ...allocateRows(device, kept, N),
    ...allocateRows(device, weightInputs, N),
    ...allocateRows(device, passing, N),
  };
}

/**
 * Activations of each layer for training a window. Below the lowest trained layer all share one set, for nothing goes
 * back through them; from there on each keeps its own, less what only a trained layer needs. With `activationCheckpointing` each keeps
 * its input only, and all share one set of the rest.
 */
export function allocateTraining(
  device: Device,
  config: ModelConfig,
  window: Window,
  N: number,
  activationCheckpointing: boolean,
): readonly LayerActivations[] {
  const { kept, weightInputs, passing } = layerWidths(config);
  const lowest = lowestLayer(window);
  const shared = allocateRows(device, passing, N);
  const trained = (layer: number) => window.first <= layer && layer < window.end;
  const trainsAll = window.end - window.first === config.layers;
  const unused = trainsAll && !activationCheckpointing ? null : allocateRows(device, weightInputs, N);
  const one = lowest > 0 || activationCheckpointing ? allocateRows(device, kept, N) : null;
  return Array.from({ length: config.layers }, (_, layer) => {
    const isBelow = layer < lowest;
    const inputs =
      unused && (activationCheckpointing || !trained(layer)) ? unused : allocateRows(device, weightInputs, N);
    if (one && isBelow) return { ...one, ...inputs, ...shared };
    if (one && activationCheckpointing)
      return { ...one, ...inputs, ...shared, input: device.allocate("f32", N * config.hiddenSize) };
    return { ...allocateRows(device, kept, N), ...inputs, ...shared };
  });
}

/** Bytes per row that `allocateTraining` takes. */
export function trainingRowBytes(
  config: ModelConfig,
  window: Window,
  products: ComputeDType,
  activationCheckpointing: boolean,
): number {
  const { kept, weightInputs, passing } = layerWidths(config);
  const [keptBytes, weightInputBytes, passingBytes] = [kept, weightInputs, passing].map((widths) =>
    rowBytes(widths, products),
  );
  const lowest = lowestLayer(window);
  const above = config.layers - lowest;
  if (activationCheckpointing) return keptBytes + weightInputBytes + passingBytes + above * 4 * config.hiddenSize;
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
