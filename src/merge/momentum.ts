import { join } from "node:path";
import type { Parameter } from "../model/config/parameters.js";
import { StrataError } from "../errors/strata-error.js";
import { openSafetensors, storedChunks, type StoredTensor } from "../tensor/safetensors.js";
import { createSafetensors } from "../tensor/write-safetensors.js";
import { elementCount, floatBytes, readChunk } from "./chunks.js";
import type { TensorSources } from "./sources.js";

/** The outer optimizer's momentum across rounds: an f32 tensor for each tensor that any round so far trained. */
export interface MomentumStore {
  /** Elements [from, from + count) of the previous round's momentum; zeros for a tensor that no round trained yet. */
  read(name: string, from: number, count: number): Float32Array;
  /** Chunks must be in order, tensors in the order of the model. */
  append(name: string, values: Float32Array): void;
  /** Finishes `momentum.safetensors`; tensors that no part trained keep their momentum. */
  commit(): void;
  abandon(): void;
}

/**
 * @param previous  `momentum.safetensors` of the previous round; null in the first
 * @param folder    of the new one, which the running job flushes
 * @param tensors   of the merge; those with owners get new momentum
 */
export function openMomentum(
  previous: string | null,
  folder: string,
  tensors: readonly TensorSources[],
): MomentumStore {
  const stored = previous === null ? new Map<string, StoredTensor>() : openSafetensors(previous).tensors;
  for (const { parameter } of tensors) checkShape(previous, parameter, stored.get(parameter.name));
  const kept = tensors.filter(({ parameter, owners }) => owners.length > 0 || stored.has(parameter.name));
  const entries = kept.map(({ parameter: { name, shape } }) => ({ name, shape, dtype: "f32" as const }));
  const file = createSafetensors(join(folder, "momentum.safetensors"), entries, undefined, false);
  /** Index in `kept` of the tensor that is written next, and the number of its elements that are written. */
  let [at, written] = [0, 0];
  /** Copies the momentum of tensors that rest, up to the next one with this name; null for all. */
  const passResting = (name: string | null) => {
    for (; at < kept.length && kept[at].parameter.name !== name; at++)
      for (const chunk of storedChunks(stored.get(kept[at].parameter.name) as StoredTensor)) file.write(chunk);
  };
  return {
    read(name, from, count) {
      const tensor = stored.get(name);
      return tensor ? readChunk(tensor, from, count) : new Float32Array(count);
    },
    append(name, values) {
      passResting(name);
      file.write(floatBytes(values));
      written += values.length;
      if (written === elementCount(kept[at].parameter)) [at, written] = [at + 1, 0];
    },
    commit() {
      passResting(null);
      file.commit();
    },
    abandon: file.abandon,
  };
}

function checkShape(path: string | null, parameter: Parameter, momentum: StoredTensor | undefined): void {
  if (momentum === undefined || (momentum.dtype === "f32" && momentum.shape.join() === parameter.shape.join())) return;
  throw new StrataError("MergeError", {
    where: `${path} ${parameter.name}`,
    expected: `f32 of shape ${JSON.stringify(parameter.shape)}`,
    got: `${momentum.dtype} of shape ${JSON.stringify(momentum.shape)}`,
    hint: "The momentum belongs to another model: give the one of the previous round, or none.",
  });
}
