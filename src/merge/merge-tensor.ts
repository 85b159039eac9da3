import { decodeFloats, bytesPerElement } from "../tensor/dtype.js";
import { readTensor, readTensorBytes, type StoredTensor } from "../tensor/safetensors.js";
import type { AgreementMeter } from "./agreement.js";
import type { MergeMethod } from "./merge-method.js";
import type { TensorSources } from "./sources.js";

/** Elements per chunk for methods that do not need the whole tensor. */
export const chunkElements = 1 << 20;

export function elementCount({ shape }: { readonly shape: readonly number[] }): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Elements [from, from + count) in f32. */
export function readChunk(tensor: StoredTensor, from: number, count: number): Float32Array {
  const size = bytesPerElement(tensor.dtype);
  return decodeFloats(readTensorBytes(tensor, from * size, count * size), tensor.dtype);
}

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

/** Merges a trained tensor in chunks, in order; in a single chunk if the method needs the whole tensor. */
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
  for (let from = 0; from < count; from += chunkElements) {
    const length = Math.min(chunkElements, count - from);
    const base = readChunk(sources.base, from, length);
    const owners = sources.owners.map(({ part, tensor: trained }) => ({
      part,
      values: readChunk(trained, from, length),
    }));
    meter.add(base, owners);
    if (method.wholeTensor) continue;
    const load = (part: number) => owners.find((owner) => owner.part === part)?.values ?? base;
    yield { from, base, merged: method.merge({ ...tensor, base, load }, values) };
  }
  meter.endTensor();
  if (!method.wholeTensor) return;
  const base = readTensor(sources.base);
  const load = (part: number) => {
    const owner = sources.owners.find((other) => other.part === part);
    return owner ? readTensor(owner.tensor) : base;
  };
  yield { from: 0, base, merged: method.merge({ ...tensor, base, load }, values) };
}
