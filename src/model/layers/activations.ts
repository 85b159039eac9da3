import type { Device, DeviceBuffer, ComputeDType } from "../../device/kernels.js";
import type { ModelConfig } from "../config/model-config.js";
import { isTrained, lowestLayer, trainedLayers, type Window } from "../config/window.js";
import { allocateRows, rowBytes, type RowWidths } from "./row-buffers.js";

/** What the forward of one layer keeps for its backward. N rows; an "operand" has the device's compute dtype. */
export interface LayerActivations {
  /** [N,D] the residual stream that enters the layer */
  readonly input: DeviceBuffer;
  /** [N,D] operand: norm(input), and [N] its 1/rms */
  readonly attentionInput: DeviceBuffer;
  readonly attentionRstd: DeviceBuffer;
  /** [N,H·E] or [N,K·E] queries or keys before the rotation; one buffer for all layers */
  readonly beforeRope: DeviceBuffer;
  /** [N,H·E], [N,K·E], [N,K·E], operands: queries and keys after the rotation, and values */
  readonly query: DeviceBuffer;
  readonly key: DeviceBuffer;
  readonly value: DeviceBuffer;
  /** [N,H·E] operand, and [N,H], of the attention kernel */
  readonly attentionOutput: DeviceBuffer;
  readonly logSumExp: DeviceBuffer;
  /** [N,D] the residual stream after the attention */
  readonly afterAttention: DeviceBuffer;
  /** [N,D] operand: norm(afterAttention), and [N] its 1/rms */
  readonly feedForwardInput: DeviceBuffer;
  readonly feedForwardRstd: DeviceBuffer;
  /** [N,F] operands */
  readonly gate: DeviceBuffer;
  readonly up: DeviceBuffer;
  /** [N,F] operand: silu(gate) · up; one buffer for all layers, recomputed by the backward */
  readonly gated: DeviceBuffer;
}

type Widths = RowWidths<keyof LayerActivations>;

interface LayerWidths {
  /** What the backward of every layer reads, trained or frozen. */
  readonly kept: Widths;
  /** What only gradients of weights are computed from: all frozen layers share one set. */
  readonly weightInputs: Widths;
  /** Used only within one layer: all layers share one set. */
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
 * Activations of each layer for training a window. Layers below the lowest trained one share one set, because they have
 * no backward. Each layer from there on has its own set, without `weightInputs` if it is frozen. With activation
 * checkpointing a layer keeps only its input, and all layers share one set of the rest.
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
  const trainsAll = trainedLayers(window).length === config.layers;
  const unused = trainsAll && !activationCheckpointing ? null : allocateRows(device, weightInputs, N);
  const one = lowest > 0 || activationCheckpointing ? allocateRows(device, kept, N) : null;
  return Array.from({ length: config.layers }, (_, layer) => {
    const isBelow = layer < lowest;
    const inputs =
      unused && (activationCheckpointing || !isTrained({ layer }, window))
        ? unused
        : allocateRows(device, weightInputs, N);
    if (one && isBelow) return { ...one, ...inputs, ...shared };
    if (one && activationCheckpointing)
      return { ...one, ...inputs, ...shared, input: device.allocate("f32", N * config.hiddenSize) };
    return { ...allocateRows(device, kept, N), ...inputs, ...shared };
  });
}

/** Bytes per row that `allocateTraining` allocates. */
export function trainingRowBytes(
  config: ModelConfig,
  window: Window,
  computeDType: ComputeDType,
  activationCheckpointing: boolean,
): number {
  const { kept, weightInputs, passing } = layerWidths(config);
  const [keptBytes, weightInputBytes, passingBytes] = [kept, weightInputs, passing].map((widths) =>
    rowBytes(widths, computeDType),
  );
  const lowest = lowestLayer(window);
  const above = config.layers - lowest;
  if (activationCheckpointing) return keptBytes + weightInputBytes + passingBytes + above * 4 * config.hiddenSize;
  const trained = trainedLayers(window).length;
  const sets = above + (lowest > 0 ? 1 : 0);
  const weightInputSets = trained + (trained < config.layers ? 1 : 0);
  return sets * keptBytes + weightInputSets * weightInputBytes + passingBytes;
}

/** Row data of a batch on the device, [N] i32 each; attention of a row sees keys first … end − 1. */
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
