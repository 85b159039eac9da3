import { mkdirSync } from "node:fs";
import { writeModelFolder } from "../model/write-model-folder.js";
import { encodeFloats, type DType } from "../tensor/dtype.js";
import { storedPieces, type TensorEntry } from "../tensor/safetensors.js";
import { measureAgreement, type AgreementMeter } from "./agreement.js";
import { checkFrozen } from "./check-frozen.js";
import { mergedPieces } from "./merge-tensor.js";
import { openMomentum, type MomentumStore } from "./momentum.js";
import { outerStep } from "./outer-step.js";
import type { MergeRecord, MergeSettings } from "./settings.js";
import { openSources, type MergePart, type TensorSources } from "./sources.js";
import { pairNeighbours, type MergeTree } from "./tree.js";

export type { MergeRecord, MergeSettings } from "./settings.js";
export type { MergePart } from "./sources.js";

export interface MergeOptions {
  /** The model that every part started from. */
  readonly base: string;
  readonly parts: readonly MergePart[];
  readonly settings: MergeSettings;
  /** Where the merged model goes; with `settings.outer`, `momentum.safetensors` too. */
  readonly folder: string;
  /** `momentum.safetensors` of the previous round. */
  readonly momentum: string | null;
  onProgress?(done: number, total: number): void;
}

/**
 * Merges the parts into one Hugging Face folder, tensor by tensor. A tensor that no part trained keeps the base's bytes; a
 * trained one is f32 if an owner stores f32, else of the base's type.
 *
 * @throws StrataError if a part's names, shapes or configuration are not the base's, or if it changed a tensor outside its
 *   window; no model.safetensors appears then
 */
export async function mergeModels(options: MergeOptions): Promise<MergeRecord> {
  const { parts, settings, folder, onProgress } = options;
  const { base, tensors } = openSources(options.base, parts);
  mkdirSync(folder, { recursive: true });
  const byName = new Map(tensors.map((sources) => [sources.parameter.name, sources]));
  const entries = tensors.map((sources): TensorEntry => ({
    name: sources.parameter.name,
    shape: sources.base.shape,
    dtype: outputDType(sources),
  }));
  const meter = measureAgreement(parts.length);
  const tree = pairNeighbours(parts.length);
  const momentum = settings.outer ? openMomentum(options.momentum, folder, tensors) : null;
  let done = 0;
  try {
    await writeModelFolder(folder, base, entries, function* ({ name, dtype }) {
      const sources = byName.get(name) as TensorSources;
      checkFrozen(sources);
      if (sources.owners.length === 0) yield* storedPieces(sources.base);
      else yield* trainedPieces(sources, dtype, tree, settings, meter, momentum);
      onProgress?.(++done, entries.length);
    });
    await momentum?.commit();
  } finally {
    momentum?.abandon();
  }
  const tensorsByOwners = Array.from(
    { length: parts.length + 1 },
    (_, n) => tensors.filter(({ owners }) => owners.length === n).length,
  );
  return {
    method: settings.method,
    settings,
    parts: parts.length,
    tensors: tensors.length,
    tensorsByOwners,
    ...meter.finish(),
  };
}

function outputDType({ base, owners }: TensorSources): DType {
  return owners.some(({ tensor }) => tensor.dtype === "f32") ? "f32" : base.dtype;
}

function* trainedPieces(
  sources: TensorSources,
  dtype: DType,
  tree: MergeTree,
  settings: MergeSettings,
  meter: AgreementMeter,
  momentum: MomentumStore | null,
): Generator<Uint8Array> {
  const { name } = sources.parameter;
  for (const { from, base, merged } of mergedPieces(sources, tree, settings, meter)) {
    if (settings.outer === null || momentum === null) {
      yield encodeFloats(merged, dtype);
      continue;
    }
    const velocity = momentum.read(name, from, merged.length);
    const stepped = outerStep(base, merged, velocity, settings.outer);
    momentum.append(name, velocity);
    yield encodeFloats(stepped, dtype);
  }
}
