import { linear as linearMethod } from "../../src/merge/methods/averages/linear.js";
import { slerp as slerpMethod } from "../../src/merge/methods/averages/slerp.js";
import { union as unionMethod } from "../../src/merge/methods/parts/union.js";
import { windowTree } from "../../src/merge/methods/parts/window-tree.js";
import { ties as tiesMethod } from "../../src/merge/methods/task-vectors/ties.js";
import { mergeArrays, type Arrays } from "./averages/merge-arrays.js";

/** Merges of arrays by single methods. */

const named = (tensors: readonly Float32Array[]) => Object.fromEntries(tensors.map((one, i) => [`part ${i}`, one]));
const each = (values: readonly Readonly<Record<string, number>>[]) =>
  Object.fromEntries(values.map((own, i) => [`part ${i}`, own]));

export function isSame(a: Float32Array, b: Float32Array): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));
}

export function linear(tensors: readonly Float32Array[], weights: readonly number[], normalize = true): Float32Array {
  const inputValues = each(weights.map((weight) => ({ weight })));
  return mergeArrays(linearMethod, { models: named(tensors), inputValues, values: { normalize: Number(normalize) } })
    .values;
}

export const lerp = (a: Float32Array, b: Float32Array, t: number) => linear([a, b], [1 - t, t]);

export function slerp(a: Float32Array, b: Float32Array, t: number): Float32Array {
  return mergeArrays(slerpMethod, { models: { a, b }, base: "a", values: { t } }).values;
}

export interface TiesOptions {
  readonly weights: readonly number[];
  readonly densities: readonly number[];
  readonly normalize: boolean;
  readonly rescale: boolean;
  readonly lambda: number;
}

export function ties(base: Float32Array, parts: readonly Float32Array[], options: TiesOptions): Float32Array {
  const { weights, densities, normalize, rescale, lambda } = options;
  return mergeArrays(tiesMethod, {
    models: { ...named(parts), base },
    base: "base",
    values: { normalize: Number(normalize), rescale: Number(rescale), lambda },
    inputValues: each(weights.map((weight, i) => ({ weight, density: densities[i] }))),
  }).values;
}

/** The largest elements of a change, added to nothing. */
export function trim(delta: Float32Array, density: number): Float32Array {
  const options = { weights: [1], densities: [density], normalize: false, rescale: false, lambda: 1 };
  return ties(new Float32Array(delta.length), [delta], options);
}

export function union(base: Float32Array, owners: readonly Float32Array[], lambda: number): Float32Array {
  return mergeArrays(unionMethod, { models: { ...named(owners), base }, base: "base", values: { lambda } }).values;
}

/** Parts that are copies of the base do not own the tensor. */
export function treeOf(
  base: Float32Array,
  parts: readonly Float32Array[],
  trainedShare: number,
  isSpherical: boolean,
  kernels?: Arrays["kernels"],
): Float32Array {
  const values = { trained_share: trainedShare, spherical: Number(isSpherical) };
  const more = kernels === undefined ? {} : { kernels };
  return mergeArrays(windowTree, { models: { ...named(parts), base }, base: "base", values, ...more }).values;
}
