/** The kernels of merging in the C++ addon. */
import { dtypeCode, type BufferView } from "../../../device/cpu/cpu-buffer.js";
import { findInstructionSet, type SetChoice } from "../../../device/cpu/instruction-sets.js";
import type { NativeAddon, NativeContext } from "../../../device/cpu/native-addon.js";
import { bytesPerElement } from "../../../tensor/dtype.js";
import { lengthOf, type MergeKernels, type MergeVector } from "../kernels.js";
import type { MergeDType } from "../merge-dtype.js";
import { nativeTransfers, type Transfers } from "../transfers.js";
import { referenceMergeKernels } from "./reference-kernels.js";
import { nativeTaskVectorKernels } from "./task-vector-native.js";

export interface NativeOptions {
  readonly threads: number;
  /** By default, and if it is null, the fastest of this processor. */
  readonly instructionSet?: SetChoice | null;
}

/** The kernels, and transfers by the same threads. @throws StrataError without the addon */
export function nativeMergeKernels(options: NativeOptions): {
  readonly kernels: MergeKernels;
  readonly transfers: Transfers;
} {
  const { addon, index } = findInstructionSet(options.instructionSet ?? null);
  const context = addon.createContext(index, options.threads, dtypeCode.f32);
  const kernels = {
    ...conversions(addon, context),
    ...sums(addon, context),
    ...fusions(addon, context),
    ...nativeTaskVectorKernels(addon, context),
  };
  return { kernels, transfers: nativeTransfers(addon, context) };
}

/** The view and the dtype code of a vector: two arguments of the addon. */
function pair(vector: MergeVector): [BufferView, number] {
  return vector instanceof Float32Array ? [vector, dtypeCode.f32] : [vector.bytes, dtypeCode[vector.stored]];
}

function pairs(vectors: readonly MergeVector[]): (BufferView | number)[] {
  return vectors.flatMap(pair);
}

function room(length: number, out: Float32Array | undefined): Float32Array {
  return out?.length === length ? out : new Float32Array(length);
}

type Part<Names extends keyof MergeKernels> = Pick<MergeKernels, Names>;

function conversions(addon: NativeAddon, context: NativeContext): Part<"decode" | "encode" | "areSame"> {
  const areSame = (inputs: readonly MergeVector[]): boolean => {
    const kinds = new Set(inputs.map((input) => pair(input)[1]));
    if (kinds.size > 1) return areSame(inputs.map((input) => widened(addon, context, input)));
    const result = new Int32Array(1);
    addon.mergeSame(context, result, pairs(inputs), lengthOf(inputs[0]));
    return result[0] === 1;
  };
  return {
    areSame,
    decode(bytes, stored, dtype, out) {
      const values = room(bytes.length / bytesPerElement(stored), out);
      addon.mergeConvert(context, values, dtypeCode.f32, bytes, dtypeCode[stored], dtypeCode[dtype], values.length);
      return values;
    },
    encode(values, stored, out) {
      const size = values.length * bytesPerElement(stored);
      const bytes = out?.length === size ? out : new Uint8Array(size);
      const [to, f32] = [dtypeCode[stored], dtypeCode.f32];
      addon.mergeConvert(context, bytes, to, values, f32, f32, values.length);
      return bytes;
    },
  };
}

function widened(addon: NativeAddon, context: NativeContext, vector: MergeVector): Float32Array {
  if (vector instanceof Float32Array) return vector;
  const values = new Float32Array(lengthOf(vector));
  addon.mergeConvert(context, values, dtypeCode.f32, ...pair(vector), dtypeCode.f32, values.length);
  return values;
}

function sums(
  addon: NativeAddon,
  context: NativeContext,
): Part<"weightedSum" | "groupedSum" | "difference" | "gram" | "addProducts"> {
  const sum = (inputs: readonly MergeVector[], weights: Float32Array, divisor: number, dtype: MergeDType) => {
    const divisors = divisor === 1 ? null : Float32Array.of(divisor);
    const code = dtypeCode[dtype];
    return (out: Float32Array) => {
      addon.mergeSum(context, out, pairs(inputs), weights, divisors, code, code, 1, out.length, false);
      return out;
    };
  };
  return {
    weightedSum: (inputs, weights, divisor, dtype, out) =>
      sum(inputs, Float32Array.from(weights), divisor, dtype)(room(lengthOf(inputs[0]), out)),
    groupedSum({ inputs, factors, divisors, groups, dtype, result: resultDType = dtype }, out) {
      const { rows, columns, of } = groups;
      const result = room(rows * columns, out);
      const count = of === "rows" ? rows : columns;
      const all = new Float32Array(inputs.length * count);
      factors.forEach((own, k) => all.set(own, k * count));
      const codes = [dtypeCode[dtype], dtypeCode[resultDType]] as const;
      const layout = [rows, columns, of === "columns"] as const;
      addon.mergeSum(context, result, pairs(inputs), all, divisors ?? null, ...codes, ...layout);
      return result;
    },
    difference: (input, base, dtype, out) =>
      sum([input, base], Float32Array.of(1, -1), 1, dtype)(room(lengthOf(input), out)),
    gram(inputs) {
      const products = new Float64Array(inputs.length ** 2);
      addon.mergeGram(context, products, pairs(inputs), lengthOf(inputs[0]));
      return products;
    },
    addProducts({ a, b, aDivisors, bDivisors, groups, dtype, isExact }, totals) {
      const { rows, columns, of } = groups;
      const [left, right] = [aDivisors ?? null, bDivisors ?? null];
      const layout = [rows, columns, of === "columns"] as const;
      addon.mergeProducts(context, totals, ...pair(a), ...pair(b), left, right, dtypeCode[dtype], isExact, ...layout);
    },
  };
}

function fusions(addon: NativeAddon, context: NativeContext): Part<"nearest" | "divergences" | "importances" | "fuse"> {
  return {
    nearest(base, other, t, dtype, out) {
      const result = room(lengthOf(base), out);
      addon.mergeNear(context, result, ...pair(base), ...pair(other), t, dtypeCode[dtype], result.length);
      return result;
    },
    divergences(model, base, dtypes, rows) {
      // The kernel in C++ takes one dtype; models of two are rare.
      if (dtypes[0] !== dtypes[1]) return referenceMergeKernels.divergences(model, base, dtypes, rows);
      const result = new Float32Array(rows);
      const columns = lengthOf(model) / rows;
      addon.mergeDivergence(context, result, ...pair(model), ...pair(base), dtypeCode[dtypes[0]], rows, columns);
      return result;
    },
    importances(model, base, divergences, dtype, out) {
      const result = room(lengthOf(model), out);
      const [rows, columns] = [divergences.length, result.length / divergences.length];
      const code = dtypeCode[dtype];
      addon.mergeImportance(context, result, ...pair(model), ...pair(base), divergences, code, rows, columns);
      return result;
    },
    fuse(model, base, importances, threshold, dtype, out) {
      const result = room(importances.length, out);
      const code = dtypeCode[dtype];
      addon.mergeFuse(context, result, ...pair(model), ...pair(base), importances, threshold, code, result.length);
      return result;
    },
  };
}
