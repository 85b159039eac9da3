import type { Device, DeviceBuffer } from "../device/kernels.js";
import type { LlamaConfig } from "./config.js";

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

/** Elements of one row of a layer's activations, by buffer. */
export function activationWidths(config: LlamaConfig): Readonly<Record<keyof LayerActivations, number>> {
  const { width: D, feedForwardWidth: F, queryHeads: H } = config;
  const Q = H * config.headWidth;
  const KV = config.keyValueHeads * config.headWidth;
  return {
    input: D, attentionInput: D, attentionRstd: 1, query: Q, key: KV, value: KV, attended: Q, logSumExp: H, middle: D,
    feedForwardInput: D, feedForwardRstd: 1, gate: F, up: F, gated: F,
  };
}

export function allocateLayer(device: Device, config: LlamaConfig, N: number): LayerActivations {
  const widths = Object.entries(activationWidths(config));
  return Object.fromEntries(widths.map(([name, width]) => [name, device.allocate("f32", N * width)])) as unknown as LayerActivations;
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
