import type { Device, DeviceBuffer } from "../device/kernels.js";
import type { LlamaConfig } from "./config.js";
import { lowestLayer, type Window } from "./parameters.js";

/** What the forward of one layer leaves for its backward. N rows. */
export interface LayerActivations {
  /** [N,D] the residual stream that enters */
  readonly input: DeviceBuffer;
  /** [N,D] input · norm, what the attention reads; [N] its 1/rms */
  readonly attentionInput: DeviceBuffer;
  readonly attentionRstd: DeviceBuffer;
  /** [N,H·E] and [N,K·E], query and key turned by rope */
  readonly query: DeviceBuffer;
  readonly key: DeviceBuffer;
  readonly value: DeviceBuffer;
  /** [N,H·E] and [N,H] */
  readonly attended: DeviceBuffer;
  readonly logSumExp: DeviceBuffer;
  /** [N,D] the residual stream after the attention */
  readonly middle: DeviceBuffer;
  readonly feedForwardInput: DeviceBuffer;
  readonly feedForwardRstd: DeviceBuffer;
  /** [N,F] */
  readonly gate: DeviceBuffer;
  readonly up: DeviceBuffer;
  readonly gated: DeviceBuffer;
}

/** What only the gradients of weights are made from: layers that are not trained share one set. */
export type WeightInputs = Pick<LayerActivations, "attentionInput" | "feedForwardInput" | "gated">;
type Kept = Omit<LayerActivations, keyof WeightInputs>;

/** Elements per row of each buffer; so too below. */
function weightInputWidths({ width, feedForwardWidth }: LlamaConfig): Readonly<Record<keyof WeightInputs, number>> {
  return { attentionInput: width, feedForwardInput: width, gated: feedForwardWidth };
}

/** What the backward of every layer needs, trained or not. */
function keptWidths({ width: D, feedForwardWidth: F, queryHeads: H, keyValueHeads: K, headWidth: E }: LlamaConfig): Readonly<Record<keyof Kept, number>> {
  return {
    input: D, attentionRstd: 1, query: H * E, key: K * E, value: K * E, attended: H * E, logSumExp: H, middle: D,
    feedForwardRstd: 1, gate: F, up: F,
  };
}

function activationWidths(config: LlamaConfig): Readonly<Record<keyof LayerActivations, number>> {
  return { ...keptWidths(config), ...weightInputWidths(config) };
}

function allocateRows<Name extends string>(device: Device, widths: Readonly<Record<Name, number>>, N: number): Record<Name, DeviceBuffer> {
  const entries = Object.entries<number>(widths).map(([name, width]) => [name, device.allocate("f32", N * width)]);
  return Object.fromEntries(entries) as Record<Name, DeviceBuffer>;
}

export function allocateLayer(device: Device, config: LlamaConfig, N: number): LayerActivations {
  return allocateRows(device, activationWidths(config), N);
}

/**
 * Activations of each layer for training a window. Below the lowest trained layer all share one set, for nothing goes
 * back through them; from there on each keeps its own, less what only a trained layer needs.
 */
export function allocateTraining(device: Device, config: LlamaConfig, window: Window, N: number): readonly LayerActivations[] {
  const lowest = lowestLayer(window);
  const below = lowest > 0 ? allocateLayer(device, config, N) : null;
  let shared: WeightInputs | null = below;
  return Array.from({ length: config.layers }, (_, layer) => {
    if (below && layer < lowest) return below;
    if (window.first <= layer && layer < window.end) return allocateLayer(device, config, N);
    shared ??= allocateRows(device, weightInputWidths(config), N);
    return { ...allocateRows(device, keptWidths(config), N), ...shared };
  });
}

/** Elements per row that `allocateTraining` takes. */
export function trainingWidth(config: LlamaConfig, window: Window): number {
  const sum = (widths: Readonly<Record<string, number>>) => Object.values(widths).reduce((a, b) => a + b, 0);
  const layer = sum(activationWidths(config));
  const lowest = lowestLayer(window);
  const trained = window.end - window.first;
  const frozen = config.layers - lowest - trained;
  const shared = lowest > 0 ? layer : frozen > 0 ? sum(weightInputWidths(config)) : 0;
  return trained * layer + frozen * sum(keptWidths(config)) + shared;
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
