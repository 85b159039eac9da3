import { readTensor } from "../tensor/safetensors.js";
import type { AgreementMeter } from "./agreement.js";
import { chunkElements, elementCount, readChunk } from "./chunks.js";
import type { MergeMethod } from "./merge-method.js";
import type { TensorSources } from "./sources.js";

export interface Chunk {
  /** Index of the first element. */
  readonly from: number;
  readonly base: Float32Array;
  readonly merged: Float32Array;
}

/** A method with the values of its parameters. */
export interface ChosenMethod {
  readonly method: MergeMethod;
  readonly values: Readonly<Record<string, number>>;
}

/** Merges a trained tensor in chunks, in order; in a single one if the method needs the whole tensor. */
export function* mergedChunks(
  sources: TensorSources,
  parts: number,
  { method, values }: ChosenMethod,
  meter: AgreementMeter,
): Generator<Chunk> {
  const tensor = {
    where: `${sources.base.path} ${sources.parameter.name}`,
    parts,
    owners: sources.owners.map(({ part }) => part),
  };
  const count = elementCount(sources.base);
  // A tensor of one chunk is whole, and is read only once.
  const inChunks = !method.wholeTensor || count <= chunkElements;
  for (let from = 0; from < count; from += chunkElements) {
    const length = Math.min(chunkElements, count - from);
    const base = readChunk(sources.base, from, length);
    const owners = sources.owners.map(({ part, tensor: trained }) => ({
      part,
      values: trained.read(from, length, base),
    }));
    meter.add(base, owners);
    if (!inChunks) continue;
    const load = (part: number) => owners.find((owner) => owner.part === part)?.values ?? base;
    yield { from, base, merged: method.merge({ ...tensor, base, load }, values) };
  }
  meter.endTensor();
  if (inChunks) return;
  const base = readTensor(sources.base);
  const load = (part: number) => {
    const owner = sources.owners.find((other) => other.part === part);
    return owner ? owner.tensor.read(0, count, base) : base;
  };
  yield { from: 0, base, merged: method.merge({ ...tensor, base, load }, values) };
}
