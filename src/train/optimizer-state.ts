import { loadTensor } from "../model/files/load-tensor.js";
import { allocateState, type Model } from "../model/model.js";
import type { Device, DeviceBuffer } from "../device/kernels.js";
import { StrataError } from "../errors/strata-error.js";
import { openSafetensors, writeSafetensors, type SafetensorsFile } from "../tensor/safetensors.js";
import { floatChunks } from "./save-model.js";

/** AdamW's moments of every trained tensor, by parameter name. */
export interface OptimizerState {
  readonly m: ReadonlyMap<string, DeviceBuffer>;
  readonly v: ReadonlyMap<string, DeviceBuffer>;
}

export function createOptimizerState(model: Model): OptimizerState {
  const zeros = () => new Map([...model.gradients].map(([name, { length }]) => [name, allocateState(model, length)]));
  return { m: zeros(), v: zeros() };
}

/** The progress that a checkpoint records. */
export interface Progress {
  /** Steps done in this part. */
  readonly step: number;
  /** AdamW steps since the moments were zero, in all rounds. */
  readonly optimizerSteps: number;
  /** Tokens predicted so far. */
  readonly tokens: number;
}

/**
 * Writes master weights, moments and progress as one safetensors file, so that a checkpoint is complete or absent.
 *
 * @param identity  name of the part
 */
export async function writeCheckpoint(
  path: string,
  model: Model,
  state: OptimizerState,
  progress: Progress,
  identity: string,
): Promise<void> {
  const buffers = new Map<string, DeviceBuffer>();
  for (const name of model.gradients.keys()) {
    buffers.set(`weight/${name}`, model.weights.get(name) as DeviceBuffer);
    buffers.set(`m/${name}`, state.m.get(name) as DeviceBuffer);
    buffers.set(`v/${name}`, state.v.get(name) as DeviceBuffer);
  }
  const entries = [...buffers].map(([name, { length }]) => ({ name, dtype: "f32" as const, shape: [length] }));
  await writeSafetensors(path, entries, ({ name }) => floatChunks(model.device, buffers.get(name) as DeviceBuffer), {
    progress: JSON.stringify(progress),
    identity,
  });
}

function load(device: Device, file: SafetensorsFile, name: string, buffer: DeviceBuffer): void {
  const stored = file.tensors.get(name);
  if (!stored || stored.byteLength !== 4 * buffer.length) {
    throw new StrataError("CheckpointError", {
      where: `${file.path} ${name}`,
      expected: `${buffer.length} f32 values`,
      got: stored ? `${stored.byteLength} bytes` : "no such tensor",
      hint: "This checkpoint belongs to another part: remove its folder and run again.",
    });
  }
  loadTensor(device, buffer, stored);
}

/** Loads master weights and moments. @throws StrataError if the checkpoint is damaged or of another part */
export function readCheckpoint(path: string, model: Model, state: OptimizerState, identity: string): Progress {
  const file = openSafetensors(path);
  if (file.metadata.identity !== identity) {
    throw new StrataError("CheckpointError", {
      where: path,
      expected: `the checkpoint of ${identity}`,
      got: String(file.metadata.identity),
      hint: "This checkpoint belongs to another part: remove its folder and run again.",
    });
  }
  for (const name of model.gradients.keys()) {
    load(model.device, file, `weight/${name}`, model.weights.get(name) as DeviceBuffer);
  }
  readMoments(path, model, state);
  return JSON.parse(file.metadata.progress) as Progress;
}

/** Loads moments from the last checkpoint of another round, for tensors that both train; the others stay zero. */
export function readMoments(path: string, model: Model, state: OptimizerState): Progress {
  const file = openSafetensors(path);
  for (const name of model.gradients.keys()) {
    if (!file.tensors.has(`m/${name}`)) continue;
    load(model.device, file, `m/${name}`, state.m.get(name) as DeviceBuffer);
    load(model.device, file, `v/${name}`, state.v.get(name) as DeviceBuffer);
  }
  return JSON.parse(file.metadata.progress) as Progress;
}
