import { elementCount, floatBytes, readChunk } from "./chunks.js";
import { meterChanges, partLabel, type MeasuredTensor } from "./change-meter.js";
import type { MergeKernels } from "./core/kernels.js";
import { MersenneTwister } from "./core/mersenne-twister.js";
import type { MergeInput, ParameterValues, TensorToMerge } from "./core/method.js";
import { heldTensor, type HeldTensor } from "./held-tensor.js";
import type { RoundMethod } from "./round-method.js";
import type { TensorSources } from "./sources.js";

export interface Chunk {
  /** Index of the first element. */
  readonly from: number;
  readonly base: Float32Array;
  readonly merged: Float32Array;
}

/** A method with the values of its parameters, and what it merges with. */
export interface ChosenMethod {
  readonly method: RoundMethod;
  readonly values: ParameterValues;
  readonly kernels: MergeKernels;
}

/** What the tensors of a merge are measured with. */
export interface Measurements {
  /** One for each merged tensor. */
  readonly tensors: MeasuredTensor[];
  readonly room: Float32Array[];
}

/**
 * Merges a trained tensor in chunks, in order, and measures it. A chunk is valid until the next one is asked for.
 *
 * @param parts  P: the parts of the merge are 0 … P−1
 */
export function* mergedChunks(
  sources: TensorSources,
  parts: number,
  chosen: ChosenMethod,
  { tensors, room }: Measurements,
): Generator<Chunk> {
  const length = elementCount(sources.base);
  const base = heldTensor(length, (from, count) => readChunk(sources.base, from, count));
  const owners = sources.owners.map(({ part, tensor }) => ({
    part,
    held: heldTensor(length, (from, count) => tensor.read(from, count, base.values(from, count))),
  }));
  const tensor = tensorToMerge(sources, parts, chosen, base, new Map(owners.map(({ part, held }) => [part, held])));
  const meter = meterChanges(sources.parameter.name, {
    kernels: chosen.kernels,
    owners: owners.map(({ part }) => part),
    cosineOf: tensor.values["spherical"] !== 1 ? "none" : owners.length < parts ? "owners and base" : "owners",
    room,
  });
  let from = 0;
  for (const merged of chosen.method.method.merge(tensor)) {
    const count = merged.length;
    const before = base.values(from, count);
    const values = owners.map(({ held }) => held.values(from, count));
    meter.add(before, values, merged);
    yield { from, base: before, merged };
    from += count;
  }
  tensors.push(meter.finish());
}

function tensorToMerge(
  { base: stored, parameter }: TensorSources,
  parts: number,
  { method, values: own, kernels }: ChosenMethod,
  base: HeldTensor,
  owners: ReadonlyMap<number, HeldTensor>,
): TensorToMerge {
  const { values, inputValues } = method.valuesOf?.(own) ?? { values: own, inputValues: {} };
  const all = Array.from({ length: parts }, (_, part) => part);
  const inputs = (method.takes === "parts" ? all : [...owners.keys()]).map((part) => {
    const isOwner = owners.has(part);
    return { ...inputOf(partLabel(part), owners.get(part) ?? base, inputValues), isOwner };
  });
  return {
    where: `${stored.path} ${parameter.name}`,
    shape: stored.shape,
    length: elementCount(stored),
    dtype: "f32",
    inputs,
    base: inputOf("the base", base, {}),
    values,
    kernels,
    random: new MersenneTwister(0),
    isCompatible: false,
    note: () => {},
  };
}

function inputOf(label: string, held: HeldTensor, values: ParameterValues): MergeInput {
  return {
    label,
    values,
    read(from, count, out) {
      const result = out?.length === count ? out : new Float32Array(count);
      result.set(held.values(from, count));
      return result;
    },
    readStored: (from, count) => ({ bytes: floatBytes(held.values(from, count)), stored: "f32" }),
  };
}
