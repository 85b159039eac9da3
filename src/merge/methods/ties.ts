import { StrataError } from "../../errors/strata-error.js";
import type { MergeMethod, TensorToMerge } from "../merge-method.js";
import { checkLengths } from "./linear.js";
import { lambda } from "./shared-parameters.js";

export const tiesMethod: MergeMethod<"ties", "density" | "lambda"> = {
  name: "ties",
  description: "Adds to the base the mean of the parts' largest changes that agree in sign.",
  wholeTensor: true,
  parameters: {
    density: {
      description: "Share of each change that is kept, the largest elements first.",
      default: 1,
      minimum: 0,
      maximum: 1,
    },
    lambda,
  },
  merge(tensor, values) {
    requireKept(tensor, values.density);
    return ties(tensor.base, tensor.owners.map(tensor.load), {
      weights: tensor.owners.map(() => 1),
      densities: tensor.owners.map(() => values.density),
      normalize: true,
      rescale: false,
      lambda: values.lambda,
    });
  },
};

function requireKept({ where, base }: TensorToMerge, density: number): void {
  if (Math.trunc(density * base.length) > 0) return;
  throw new StrataError("MergeError", {
    where,
    expected: "a density that keeps at least one element of each tensor",
    got: `${density} of ${base.length}`,
    hint: "Increase `density`.",
  });
}

export interface TiesOptions {
  /** One per part, for the sign election and the mean. */
  readonly weights: readonly number[];
  /** One per part: the share of its change that is kept, in (0, 1]. */
  readonly densities: readonly number[];
  /** Divide by the weights of the parts that agree with the elected sign. */
  readonly normalize: boolean;
  /** Rescale each trimmed change to the ℓ1 norm of the whole change. */
  readonly rescale: boolean;
  /** λ: factor of the merged change. */
  readonly lambda: number;
}

/**
 * Keeps the elements of `delta` with the largest magnitudes and sets the others to 0.
 *
 * @param delta    [any shape] trained − base; not modified
 * @param density  the share that is kept, rounded down to whole elements; all from 1 on; ties keep the lower index
 * @throws RangeError if no element would be kept
 * @see Yadav et al. 2023 (TIES), https://arxiv.org/abs/2306.01708
 */
export function trim(delta: Float32Array, density: number): Float32Array {
  if (density >= 1) return delta.slice();
  const kept = Math.trunc(density * delta.length);
  if (!(kept > 0)) throw new RangeError(`a density of ${density} keeps none of ${delta.length} elements`);
  const smallest = largestMagnitude(delta, kept);
  let level = kept;
  for (let i = 0; i < delta.length; i++) if (Math.abs(delta[i]) > smallest) level--;
  const out = new Float32Array(delta.length);
  for (let i = 0; i < out.length; i++) {
    const magnitude = Math.abs(delta[i]);
    if (magnitude > smallest || (magnitude === smallest && level-- > 0)) out[i] = delta[i];
  }
  return out;
}

/**
 * The magnitude of rank `rank` from the largest down, without sorting: the bits of positive f32 values are in the order
 * of the values, so that a count of their upper halves, and then of the lower ones, finds it.
 */
function largestMagnitude(values: Float32Array, rank: number): number {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const upper = new Uint32Array(1 << 15);
  for (let i = 0; i < bits.length; i++) upper[(bits[i] & 0x7fffffff) >>> 16]++;
  const high = findRank(upper, rank);
  const lower = new Uint32Array(1 << 16);
  for (let i = 0; i < bits.length; i++) if ((bits[i] & 0x7fffffff) >>> 16 === high.index) lower[bits[i] & 0xffff]++;
  const low = findRank(lower, rank - high.above);
  return new Float32Array(Uint32Array.of(high.index * 2 ** 16 + low.index).buffer)[0];
}

/** The bin with the element of this rank from the top, and the number of elements above the bin. */
function findRank(counts: Uint32Array, rank: number): { readonly index: number; readonly above: number } {
  let [index, above] = [counts.length - 1, 0];
  while (above + counts[index] < rank) above += counts[index--];
  return { index, above };
}

/** `kept` scaled to the ℓ1 norm of `whole`; unchanged if either norm is below 1e-7. */
export function rescaleToL1(kept: Float32Array, whole: Float32Array): Float32Array {
  const sum = (values: Float32Array) => values.reduce((total, value) => total + Math.abs(value), 0);
  const before = sum(whole);
  const after = sum(kept);
  return before < 1e-7 || after < 1e-7 ? kept : kept.map((value) => value * (before / after));
}

/** The sign of the weighted sum of element `i` of all changes; +1 for a sum of 0. */
export function electSign(deltas: readonly Float32Array[], weights: readonly number[], i: number): 1 | -1 {
  let sum = 0;
  for (let part = 0; part < deltas.length; part++) sum += weights[part] * deltas[part][i];
  return sum >= 0 ? 1 : -1;
}

/**
 * base + lambda · mean of the trimmed changes with the elected sign; zero changes neither vote nor count in the mean.
 */
export function ties(base: Float32Array, parts: readonly Float32Array[], options: TiesOptions): Float32Array {
  checkLengths([base, ...parts]);
  const { weights, densities, normalize, rescale, lambda } = options;
  const deltas = parts.map((part, n) => {
    const delta = new Float32Array(base.length);
    for (let i = 0; i < delta.length; i++) delta[i] = part[i] - base[i];
    const kept = trim(delta, densities[n]);
    return rescale ? rescaleToL1(kept, delta) : kept;
  });
  const out = new Float32Array(base.length);
  for (let i = 0; i < out.length; i++) {
    const sign = electSign(deltas, weights, i);
    let mixed = 0;
    let divisor = 0;
    for (let part = 0; part < deltas.length; part++) {
      const weighted = weights[part] * deltas[part][i];
      if (weighted * sign <= 0) continue;
      mixed += weighted;
      divisor += weights[part];
    }
    if (normalize && divisor !== 0) mixed /= divisor;
    out[i] = mixed === 0 ? base[i] : base[i] + lambda * mixed;
  }
  return out;
}
