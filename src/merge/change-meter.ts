import { leastCosine, upperLeft } from "./attribution/product-sums.js";
import type { TensorAttribution } from "./attribution/tensor-attribution.js";
import type { MergeKernels } from "./core/kernels.js";

/** The products of the changes of a tensor's owners and of the merged one. */
export interface MeasuredTensor extends TensorAttribution {
  /** Parts, in the order of `models`. */
  readonly owners: readonly number[];
}

/** Measures a tensor chunk by chunk, in f64. */
export interface ChangeMeter {
  /** @param owners  the elements of each owner, in the order of the tensor's owners */
  add(base: Float32Array, owners: readonly Float32Array[], merged: Float32Array): void;
  finish(): MeasuredTensor;
}

export interface MeterOptions {
  readonly kernels: Pick<MergeKernels, "difference" | "gram">;
  readonly owners: readonly number[];
  /** Of SLERP the least |cosine| of two tensors is measured too: with the base if it is one of those that are mixed. */
  readonly cosineOf: "none" | "owners" | "owners and base";
  /** Memory for the changes of a chunk, which the next tensor uses again. */
  readonly room?: Float32Array[];
}

/** @param tensor  its name */
export function meterChanges(tensor: string, { kernels, owners, cosineOf, room = [] }: MeterOptions): ChangeMeter {
  const hasCosine = cosineOf !== "none";
  const count = owners.length + 1;
  const size = count + (hasCosine ? 1 : 0);
  const sums = new Float64Array(size * size);
  return {
    add(base, values, merged) {
      const changes = [...values, merged].map((vector, i) => {
        return (room[i] = kernels.difference(vector, base, "f32", room[i]));
      });
      const products = kernels.gram(hasCosine ? [...changes, base] : changes);
      for (let i = 0; i < sums.length; i++) sums[i] += products[i];
    },
    finish() {
      const isFinite = sums.every(Number.isFinite);
      return {
        tensor,
        reference: "base",
        owners,
        models: owners.map(partLabel),
        products: isFinite ? upperLeft(sums, size, count) : [],
        cosine: isFinite && hasCosine ? leastCosine(sums, size, owners.length, cosineOf === "owners and base") : null,
      };
    },
  };
}

export const partLabel = (part: number) => `part ${part + 1}`;
