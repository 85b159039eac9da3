import type { MergeVector } from "../core/kernels.js";
import type { MergeInput, TensorToMerge } from "../core/method.js";
import { leastCosine, upperLeft } from "./product-sums.js";
import { rememberInput, type RememberedInput } from "./remembered-input.js";
import { sampleOf, sampleStarts, sampleWeight, wholeElements } from "./sample.js";
import type { TensorAttribution } from "./tensor-attribution.js";

/** Measures what of each input arrives in a merged tensor, chunk by chunk. */
export interface AttributionMeter {
  /** To merge instead of the one that is measured: the meter remembers what its inputs read. */
  readonly tensor: TensorToMerge;
  /** Takes the next chunk of the result; does not change it. */
  add(chunk: Float32Array): void;
  finish(): TensorAttribution;
}

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
  const productsOf = (vectors: readonly MergeVector[], result: MergeVector) => {
    const [first] = vectors;
    const changes = [...vectors.slice(1), result].map((vector, i) => {
      return (room[i] = kernels.difference(vector, first, "f32", room[i]));
    });
    return kernels.gram(hasCosine ? [...changes, first] : changes);
  };
  /** Null if a change is 0 in the sample but not in the whole. */
  const sampled = (vectors: readonly MergeVector[], result: MergeVector, starts: readonly number[]) => {
    const [first, ...rest] = [...vectors, result];
    const products = productsOf(
      vectors.map((vector) => sampleOf(vector, starts)),
      sampleOf(result, starts),
    );
    const isHidden = rest.some((vector, i) => products[i * (size + 1)] === 0 && !kernels.areSame([first, vector]));
    return isHidden ? null : products;
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
      const starts = tensor.length > wholeElements ? sampleStarts(from, chunk.length) : [];
      const sample = starts.length === 0 ? null : sampled(vectors, chunk, starts);
      const products = sample ?? productsOf(vectors, chunk);
      const weight = sample === null ? 1 : sampleWeight(starts, chunk.length);
      for (let i = 0; i < sums.length; i++) sums[i] += weight * products[i];
    },
    finish() {
      const isFinite = sums.every(Number.isFinite);
      return {
        tensor: name,
        reference: !isMixed ? "none" : tensor.base === null ? "mean" : "base",
        models: others.map(({ label }) => label),
        products: isFinite ? upperLeft(sums, size, sources.length) : [],
        cosine: hasCosine && isFinite ? leastCosine(sums, size, 1, true) : null,
      };
    },
  };
}
