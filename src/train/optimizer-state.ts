import { loadTensor } from "../model/files/load-tensor.js";
import { allocateState, type Model } from "../model/model.js";
import type { Device, DeviceBuffer } from "../device/kernels.js";
import { elements } from "../model/config/parameter-counts.js";
import { parameters, type Parameter } from "../model/config/parameters.js";
import { StrataError } from "../errors/strata-error.js";
import { openSafetensors, type SafetensorsFile } from "../tensor/safetensors.js";
import { writeSafetensors } from "../tensor/write-safetensors.js";
import type { LossScale } from "./loss-scale.js";
import { floatChunks } from "./save-model.js";
import { usesMuon, type StateSettings } from "./state-elements.js";

/** What is kept of trained tensors beside their weights, by parameter name. */
export interface OptimizerState {
  /** The first moment of AdamW, or Muon's momentum. */
  readonly m: ReadonlyMap<string, DeviceBuffer>;
  /** The second moment, for the tensors that AdamW updates. */
  readonly v: ReadonlyMap<string, DeviceBuffer>;
  /** The mean of the weights over the last steps; empty without `tailAverage`. */
  readonly average: ReadonlyMap<string, DeviceBuffer>;
}

export function createOptimizerState(model: Model, settings: StateSettings): OptimizerState {
  const trained = parameters(model.config).filter(({ name }) => model.gradients.has(name));
  const zeros = (some: readonly Parameter[]) =>
    new Map(some.map(({ name, shape }) => [name, allocateState(model, elements(shape))]));
  return {
    m: zeros(trained),
    v: zeros(trained.filter((parameter) => !usesMuon(parameter, settings))),
    average: zeros(settings.tailAverage > 0 ? trained : []),
  };
}

/** The progress that a checkpoint records. */
export interface Progress {
  /** Steps done in this part. */
  readonly step: number;
  /** AdamW steps since the moments were zero, in all rounds. */
  readonly optimizerSteps: number;
  /** Tokens predicted so far. */
  readonly tokens: number;
  /** For the next step; absent for a compute dtype that needs none. */
  readonly lossScale?: LossScale;
}

/**
 * Writes master weights, moments, means and progress as one safetensors file, so that a checkpoint is complete or
 * absent.
 *
 * @param identity  name of the part
 * @param products  how its steps were computed; see `describeProducts`
 */
export async function writeCheckpoint(
  path: string,
  model: Model,
  state: OptimizerState,
  progress: Progress,
  identity: string,
  products: string,
): Promise<void> {
  const buffers = new Map<string, DeviceBuffer>();
  for (const name of model.gradients.keys()) {
    buffers.set(`weight/${name}`, model.weights.get(name) as DeviceBuffer);
    for (const [kind, buffer] of stateOf(state, name)) buffers.set(`${kind}/${name}`, buffer);
  }
  const entries = [...buffers].map(([name, { length }]) => ({ name, dtype: "f32" as const, shape: [length] }));
  await writeSafetensors(path, entries, ({ name }) => floatChunks(model.device, buffers.get(name) as DeviceBuffer), {
    progress: JSON.stringify(progress),
    identity,
    products,
  });
}

/** The buffers of a tensor, each with the name of its kind in checkpoints. */
function stateOf({ m, v, average }: OptimizerState, name: string): (readonly [kind: string, DeviceBuffer])[] {
  return Object.entries({ m, v, average }).flatMap(([kind, buffers]) => {
    const buffer = buffers.get(name);
    return buffer ? [[kind, buffer] as const] : [];
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

/** A checkpoint that was loaded. */
export interface Resumed {
  readonly progress: Progress;
  /** How its steps were computed; see `describeProducts`. */
  readonly products: string;
}

/** @throws StrataError if the file is damaged, or has no checksums with which its tensors can be verified */
function openState(path: string): SafetensorsFile {
  const file = openSafetensors(path);
  if ([...file.tensors.values()].every(({ checksum }) => checksum !== null)) return file;
  throw new StrataError("CheckpointError", {
    where: path,
    expected: "checksums in its header, as they were written",
    got: "none",
    hint: "The file was damaged after it was written: remove it and run again.",
  });
}

/** Loads master weights, moments and means. @throws StrataError if the checkpoint is damaged or of another part */
export function readCheckpoint(path: string, model: Model, state: OptimizerState, identity: string): Resumed {
  const file = openState(path);
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
    for (const [kind, buffer] of stateOf(state, name)) load(model.device, file, `${kind}/${name}`, buffer);
  }
  return { progress: JSON.parse(file.metadata.progress) as Progress, products: String(file.metadata.products) };
}

/**
 * Loads moments from the last checkpoint of another round, for tensors that both train; the others stay zero.
 *
 * @throws StrataError if another optimizer wrote them
 */
export function readMoments(path: string, model: Model, state: OptimizerState): Progress {
  const file = openState(path);
  const moments = { ...state, average: new Map<string, DeviceBuffer>() };
  for (const name of model.gradients.keys()) {
    if (!file.tensors.has(`m/${name}`)) continue;
    if (file.tensors.has(`v/${name}`) !== state.v.has(name)) throw otherOptimizer(path, name, state);
    for (const [kind, buffer] of stateOf(moments, name)) load(model.device, file, `${kind}/${name}`, buffer);
  }
  return JSON.parse(file.metadata.progress) as Progress;
}

function otherOptimizer(path: string, name: string, { v }: OptimizerState): StrataError {
  const [ours, theirs] = v.has(name) ? ["adamw", "muon"] : ["muon", "adamw"];
  return new StrataError("CheckpointError", {
    where: `${path} ${name}`,
    expected: `the state of ${ours}`,
    got: `that of ${theirs}`,
    hint: "Use one optimizer in all rounds of a strategy, or keepOptimizerState: false.",
  });
}
