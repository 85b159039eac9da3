import { rounder } from "./rounding.js";
import { fillWords } from "../mersenne-twister.js";
import type { MixOptions, TaskVectorKernels } from "../task-vector-kernels.js";
import { magnitudeReference } from "./magnitude-reference.js";

/** The arithmetic of task vectors, element by element: what the kernels in C++ compute. */
export const taskVectorReference: TaskVectorKernels = {
  ...magnitudeReference,
  fillWords,
  magnitudeSum: (values) => orderedSum(values, Math.abs),
  squareSum(values, dtype) {
    const round = rounder(dtype);
    return orderedSum(values, (value) => round(value * value));
  },
  scale(values, factor, dtype) {
    const round = rounder(dtype);
    for (let i = 0; i < values.length; i++) values[i] = round(values[i] * factor);
  },
  mixChanges(base, changes, options, dtype, out) {
    const round = rounder(dtype);
    const result = vectorOf(base.length, out);
    for (let i = 0; i < base.length; i++) {
      const mixed = mixElement(changes, i, base.length, options, round);
      result[i] = mixed === 0 ? base[i] : round(base[i] + mixed);
    }
    return result;
  },
  variance(changes, inputs, dtype) {
    const round = rounder(dtype);
    const length = changes.length / inputs;
    const out = new Float32Array(length);
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let at = i; at < changes.length; at += length) sum += changes[at];
      const mean = sum / inputs;
      let squares = 0;
      for (let at = i; at < changes.length; at += length) squares += (changes[at] - mean) * (changes[at] - mean);
      out[i] = round(squares / inputs);
    }
    return out;
  },
  countShared(totals, changes, epsilon) {
    const inputs = totals.length / 2;
    const length = changes.length / inputs;
    for (let i = 0; i < length; i++) {
      const owners = ownersOf(changes, i, length, epsilon);
      for (let input = 0; input < inputs; input++) {
        if (isOwned(changes[input * length + i], epsilon)) totals[2 * input + (owners > 1 ? 0 : 1)]++;
      }
    }
  },
  mixShared(base, changes, epsilon, factors, dtype, out) {
    const [length, round] = [base.length, rounder(dtype)];
    const result = vectorOf(length, out);
    for (let i = 0; i < length; i++) {
      const owners = ownersOf(changes, i, length, epsilon);
      let sum = 0;
      let isFinite = true;
      for (let input = 0, at = i; at < changes.length; input++, at += length) {
        isFinite &&= Number.isFinite(changes[at]);
        if (!isOwned(changes[at], epsilon)) continue;
        if (owners > 1) sum = Math.fround(sum + round(changes[at] / owners));
        else sum = Math.fround(sum + Math.fround(changes[at] * (factors?.[input] ?? 1)));
      }
      const last = factors === null ? round : Math.fround;
      if (isFinite) result[i] = sum === 0 ? base[i] : last(base[i] + last(sum));
      else result[i] = NaN;
    }
    return result;
  },
};

/** `out`, or a new array if it has another length. */
export function vectorOf(length: number, out: Float32Array | undefined): Float32Array {
  return out?.length === length ? out : new Float32Array(length);
}

/** Blocks and lanes of `orderedSum`, as in native/merge-task-vectors.cpp. */
const sumBlock = 4096;
const sumLanes = 16;

/** A sum in f64 in an order that neither threads nor instruction sets change: of blocks of lanes. */
function orderedSum(values: Float32Array, term: (value: number) => number): number {
  let total = 0;
  for (let begin = 0; begin < values.length; begin += sumBlock) {
    const lanes = new Float64Array(sumLanes);
    const end = Math.min(values.length, begin + sumBlock);
    for (let i = begin; i < end; i++) lanes[(i - begin) % sumLanes] += term(values[i]);
    total += lanes.reduce((sum, lane) => sum + lane, 0);
  }
  return total;
}

function mixElement(
  changes: Float32Array,
  i: number,
  length: number,
  { weights, vote, division, divisor, lambda }: MixOptions,
  round: (value: number) => number,
): number {
  let [votes, sum, shares] = [0, 0, 0];
  const ballot = (input: number) => {
    const change = changes[input * length + i];
    return vote === "changes" ? change : round(change * weights[input]);
  };
  if (vote !== "none") for (let input = 0; input < weights.length; input++) votes = Math.fround(votes + ballot(input));
  const sign = votes >= 0 ? 1 : -1;
  for (let input = 0; input < weights.length; input++) {
    if (vote !== "none" && ballot(input) * sign <= 0) continue;
    sum = Math.fround(sum + round(changes[input * length + i] * weights[input]));
    shares = Math.fround(shares + weights[input]);
  }
  let mixed = round(sum);
  if (division === "fixed") mixed = round(mixed / divisor);
  if (division === "elected") mixed = round(mixed / electedDivisor(round(shares), divisor));
  return lambda === 1 ? mixed : round(mixed * Math.fround(lambda));
}

function electedDivisor(shares: number, least: number): number {
  if (least > 0) return Math.max(shares, least);
  return shares === 0 ? 1 : shares;
}

function isOwned(change: number, epsilon: number): boolean {
  return Math.abs(change) > epsilon;
}

function ownersOf(changes: Float32Array, i: number, length: number, epsilon: number): number {
  let owners = 0;
  for (let at = i; at < changes.length; at += length) if (isOwned(changes[at], epsilon)) owners++;
  return owners;
}
