import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Parameter } from "../model/config/parameters.js";
import { fileError } from "../files/atomic-file.js";
import { encodeFloats } from "../tensor/dtype.js";
import { StrataError } from "../errors/strata-error.js";
import { partialPath } from "../files/partial-files.js";
import {
  openSafetensors,
  readTensorBytes,
  writeSafetensors,
  type StoredTensor,
  type TensorEntry,
} from "../tensor/safetensors.js";
import { elementCount, chunkElements, readChunk } from "./chunks.js";
import type { TensorSources } from "./sources.js";

/** The outer optimizer's momentum across rounds: an f32 tensor for each tensor that any round so far trained. */
export interface MomentumStore {
  /** Elements [from, from + count) of the previous round's momentum; zeros for a tensor that no round trained yet. */
  read(name: string, from: number, count: number): Float32Array;
  /** Chunks must be in order, tensors in the order of the model. */
  append(name: string, values: Float32Array): void;
  /** Writes `momentum.safetensors`; tensors that were not appended keep their momentum. */
  commit(): Promise<void>;
  abandon(): void;
}

export function openMomentum(
  previous: string | null,
  folder: string,
  tensors: readonly TensorSources[],
): MomentumStore {
  const stored = previous === null ? new Map<string, StoredTensor>() : openSafetensors(previous).tensors;
  for (const { parameter } of tensors) checkShape(previous, parameter, stored.get(parameter.name));
  const aside = partialPath(join(folder, "momentum"));
  const descriptor = openSync(aside, "w");
  const places = new Map<string, number>();
  let end = 0;
  let open = true;
  const abandon = () => {
    if (!open) return;
    open = false;
    closeSync(descriptor);
    rmSync(aside, { force: true });
  };
  return {
    read(name, from, count) {
      const tensor = stored.get(name);
      return tensor ? readChunk(tensor, from, count) : new Float32Array(count);
    },
    append(name, values) {
      if (!places.has(name)) places.set(name, end);
      const bytes = encodeFloats(values, "f32");
      try {
        for (let at = 0; at < bytes.byteLength;)
          at += writeSync(descriptor, bytes, at, Math.min(bytes.byteLength - at, 1 << 30));
      } catch (error) {
        throw fileError(aside, "write the momentum", error);
      }
      end += bytes.byteLength;
    },
    async commit() {
      const kept = tensors.map(({ parameter }) => parameter).filter(({ name }) => places.has(name) || stored.has(name));
      const entries: TensorEntry[] = kept.map(({ name, shape }) => ({ name, shape, dtype: "f32" }));
      await writeSafetensors(join(folder, "momentum.safetensors"), entries, function* (entry) {
        const byteLength = 4 * elementCount(entry);
        const place = places.get(entry.name);
        const source =
          place === undefined
            ? (stored.get(entry.name) as StoredTensor)
            : { ...entry, path: aside, byteOffset: place, byteLength };
        for (let at = 0; at < byteLength; at += 4 * chunkElements) {
          yield readTensorBytes(source, at, Math.min(4 * chunkElements, byteLength - at));
        }
      });
      abandon();
    },
    abandon,
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
