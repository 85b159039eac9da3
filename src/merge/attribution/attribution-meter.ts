import { lengthOf, type MergeVector } from "../core/kernels.js";
import type { MergeInput, TensorToMerge } from "../core/method.js";
import { rememberInput, type RememberedInput } from "./remembered-input.js";
import type { TensorAttribution } from "./tensor-attribution.js";

/** Measures what of each input arrives in a merged tensor, chunk by chunk. */
export interface AttributionMeter {
  /** To merge instead of the one that is measured: the meter remembers what its inputs read. */
  readonly tensor: TensorToMerge;
  /** Takes the next chunk of the result; does not change it. */
  add(chunk: Float32Array): void;
  finish(): TensorAttribution;
}

/** Elements that are measured at once, so that their differences stay in the cache. */
const blockElements = 1 << 17;

/**
 * @param name    of the output tensor
 * @param method  its name: of SLERP's inputs the cosine is measured too
 */
export function meterAttribution(name: string, method: string, tensor: TensorToMerge): AttributionMeter {
  const { kernels, dtype } = tensor;
  const remembered = new Map<MergeInput, RememberedInput>();
  for (const input of [...tensor.inputs, ...(tensor.base === null ? [] : [tensor.base])]) {
    if (!remembered.has(input)) remembered.set(input, rememberInput(input, kernels, dtype));
  }
  const inputOf = (input: MergeInput) => (remembered.get(input) as RememberedInput).input;
  const others = tensor.inputs.filter((input) => input !== tensor.base);
  const isMixed = tensor.base === null ? others.length > 1 : others.length > 0;
  const sources = [...(tensor.base === null ? [] : [tensor.base]), ...others].map(
    (input) => remembered.get(input) as RememberedInput,
  );
  const hasCosine = method === "slerp" && sources.length === 2;
  // Changes of all but the first, the result's change, and for SLERP the first as it is.
  const size = sources.length + (hasCosine ? 1 : 0);
  const sums = new Float64Array(isMixed ? size * size : 0);
  const room: Float32Array[] = [];
  let at = 0;
  const addBlock = (vectors: readonly MergeVector[], result: Float32Array) => {
    const [first] = vectors;
    const changes = [...vectors.slice(1), result].map(
      (vector, i) => (room[i] = kernels.difference(vector, first, "f32", room[i])),
    );
    const products = kernels.gram(hasCosine ? [...changes, first] : changes);
    for (let i = 0; i < sums.length; i++) sums[i] += products[i];
  };
  return {
    tensor: {
      ...tensor,
      inputs: tensor.inputs.map(inputOf),
      base: tensor.base === null ? null : inputOf(tensor.base),
    },
    add(chunk) {
      const from = at;
      at += chunk.length;
      if (!isMixed) return;
      const vectors = sources.map((source) => source.vector(from, chunk.length));
      for (let start = 0; start < chunk.length; start += blockElements) {
        const end = Math.min(chunk.length, start + blockElements);
        addBlock(
          vectors.map((vector) => part(vector, start, end)),
          chunk.subarray(start, end),
        );
      }
    },
    finish() {
      const isFinite = sums.every(Number.isFinite);
      return {
        tensor: name,
        reference: !isMixed ? "none" : tensor.base === null ? "mean" : "base",
        models: others.map(({ label }) => label),
        products: isFinite ? innermost(sums, size, sources.length) : [],
        cosine: hasCosine && isFinite ? cosineOf(sums) : null,
      };
    },
  };
}

function part(vector: MergeVector, start: number, end: number): MergeVector {
  if (vector instanceof Float32Array) return vector.subarray(start, end);
  const width = vector.bytes.length / lengthOf(vector);
  return { ...vector, bytes: vector.bytes.subarray(start * width, end * width) };
}

/** The upper left square of `count` rows. */
function innermost(sums: Float64Array, size: number, count: number): number[] {
  if (sums.length === 0) return [];
  return Array.from({ length: count * count }, (_, i) => sums[Math.floor(i / count) * size + (i % count)]);
}

/** Of x and x + d, from the products of d, the result's change and x. */
function cosineOf(sums: Float64Array): number | null {
  const [dd, xd, xx] = [sums[0], sums[2], sums[8]];
  const norms = Math.sqrt(xx) * Math.sqrt(xx + 2 * xd + dd);
  return norms > 0 ? (xx + xd) / norms : null;
}
