import { availableParallelism } from "node:os";
import { createFolder } from "../files/create-folder.js";
import { writeModelFolder } from "../model/files/write-model-folder.js";
import { encodeFloats, type DType } from "../tensor/dtype.js";
import { storedChunks, type TensorEntry } from "../tensor/safetensors.js";
import { agreementOf } from "./agreement.js";
import { roundAttribution } from "./attribution/round-attribution.js";
import { checkFrozen } from "./check-frozen.js";
import type { Instructions } from "../device/instructions.js";
import { openMergeKernels } from "./core/kernels/open-kernels.js";
import { mergedChunks, type ChosenMethod, type Measurements } from "./merge-tensor.js";
import { floatBytes } from "./chunks.js";
import { openMomentum, type MomentumStore } from "./momentum.js";
import { outerStep, type OuterSettings } from "./outer-step.js";
import type { MergeRecord, MergeSettings } from "./settings.js";
import type { RoundMethodTable } from "./round-method.js";
import { findMethod, parameterValues, roundMethods, type RoundMethods } from "./round-methods.js";
import { openSources, type MergePart, type TensorSources } from "./sources.js";

export type { MergeRecord, MergeSettings } from "./settings.js";
export type { MergePart } from "./sources.js";

/** `Methods` is the table of available methods. */
export interface MergeOptions<Methods extends RoundMethodTable = RoundMethods> {
  /** The model that every part started from. */
  readonly base: string;
  readonly parts: readonly MergePart[];
  readonly settings: NoInfer<MergeSettings<Methods>>;
  /** Default: `roundMethods`. */
  readonly methods?: Methods;
  /** The folder of the merged model; with `settings.outerOptimizer` also of `momentum.safetensors`. */
  readonly folder: string;
  /** `momentum.safetensors` of the previous round; null in the first. */
  readonly momentum: string | null;
  /** Default: as many as there are cores. They change no byte. */
  readonly threads?: number;
  /** Default: `auto`. */
  readonly instructions?: Instructions;
  onProgress?(done: number, total: number): void;
  /** Receives what the user should know about the base's files. */
  onNote?(note: string): void;
}

/**
 * Merges the parts into one Hugging Face folder, an output of a running job, tensor by tensor. A tensor that no part
 * trained keeps the base's bytes; a trained one is f32 if an owner stores f32, else it has the base's dtype.
 *
 * @throws StrataError if a part's names, shapes or configuration differ from the base's, or if it changed a tensor
 *   outside its window; then no model.safetensors is written
 */
export async function mergeModels<Methods extends RoundMethodTable = RoundMethods>(
  options: MergeOptions<Methods>,
): Promise<MergeRecord<Methods>> {
  const { parts, settings, folder, onProgress } = options;
  const method = findMethod(options.methods ?? roundMethods, settings.method);
  const { kernels } = openMergeKernels(options.threads ?? availableParallelism(), options.instructions);
  const chosen = { method, values: parameterValues(method, settings), kernels };
  const { base, tensors } = openSources(options.base, parts);
  for (const note of base.notes) options.onNote?.(note);
  createFolder(folder);
  const byName = new Map(tensors.map((sources) => [sources.parameter.name, sources]));
  const entries = tensors.map((sources): TensorEntry => ({
    name: sources.parameter.name,
    shape: sources.base.shape,
    dtype: outputDType(sources),
  }));
  const measured: Measurements = { tensors: [], room: [] };
  const outer = settings.outerOptimizer
    ? { settings: settings.outerOptimizer, momentum: openMomentum(options.momentum, folder, tensors) }
    : null;
  let done = 0;
  try {
    const chunks = function* ({ name, dtype }: TensorEntry) {
      const sources = byName.get(name) as TensorSources;
      checkFrozen(sources);
      if (sources.owners.length === 0) yield* storedChunks(sources.base);
      else yield* trainedChunks(sources, dtype, { parts: parts.length, chosen, measured, outer });
      onProgress?.(++done, entries.length);
    };
    await writeModelFolder(folder, base, entries, chunks, undefined, true);
    outer?.momentum.commit();
  } finally {
    outer?.momentum.abandon();
  }
  return {
    method: settings.method,
    settings,
    parts: parts.length,
    tensors: tensors.length,
    tensorsByOwners: countByOwners(tensors, parts.length),
    ...agreementOf(measured.tensors, parts.length),
    attribution: roundAttribution(measured.tensors, parts.length),
  };
}

/** [n]: number of tensors that n parts trained. */
function countByOwners(tensors: readonly TensorSources[], parts: number): number[] {
  return Array.from({ length: parts + 1 }, (_, n) => tensors.filter(({ owners }) => owners.length === n).length);
}

function outputDType({ base, owners }: TensorSources): DType {
  return owners.some(({ tensor }) => tensor.dtype === "f32") ? "f32" : base.dtype;
}

/** What all trained tensors of a merge have in common. */
interface TrainedMerge {
  readonly parts: number;
  readonly chosen: ChosenMethod;
  readonly measured: Measurements;
  /** Null without an outer optimizer. */
  readonly outer: { readonly settings: OuterSettings; readonly momentum: MomentumStore } | null;
}

/** The caller writes the bytes before it asks for the next ones, so that f32 needs no copy. */
function valueBytes(values: Float32Array, dtype: DType): Uint8Array {
  return dtype === "f32" ? floatBytes(values) : encodeFloats(values, dtype);
}

function* trainedChunks(sources: TensorSources, dtype: DType, merge: TrainedMerge): Generator<Uint8Array> {
  const { parts, chosen, measured, outer } = merge;
  const { name } = sources.parameter;
  for (const { from, base, merged } of mergedChunks(sources, parts, chosen, measured)) {
    if (outer === null) {
      yield valueBytes(merged, dtype);
      continue;
    }
    const velocity = outer.momentum.read(name, from, merged.length);
    const stepped = outerStep(base, merged, velocity, outer.settings);
    outer.momentum.append(name, velocity);
    yield valueBytes(stepped, dtype);
  }
}
