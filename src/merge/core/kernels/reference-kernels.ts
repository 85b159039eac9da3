/** The kernels of merging in TypeScript: short and slow, the oracle of those in C++. */
import { decodeFloats, encodeFloats } from "../../../tensor/dtype.js";
import { lengthOf, type GroupedSum, type MergeKernels, type MergeVector, type Products } from "../kernels.js";
import { promoted, type MergeDType } from "../merge-dtype.js";
import { rounder } from "./rounding.js";
import { taskVectorReference } from "./task-vector-reference.js";

export const referenceMergeKernels: MergeKernels = {
  ...taskVectorReference,
  decode(bytes, stored, dtype, out) {
    const round = rounder(dtype);
    const values = stored === "f64" ? decodeDoubles(bytes) : decodeFloats(bytes, stored);
    return fill(out, values.length, (i) => round(values[i]));
  },
  encode(values, stored, out) {
    const bytes = encodeFloats(values, stored);
    if (out?.length !== bytes.length) return bytes;
    out.set(bytes);
    return out;
  },
  weightedSum(inputs, weights, divisor, dtype, out) {
    const groups = { rows: 1, columns: lengthOf(inputs[0]), of: "rows" } as const;
    const factors = weights.map((weight) => Float32Array.of(weight));
    const divisors = divisor === 1 ? undefined : Float32Array.of(divisor);
    return groupedSum({ inputs, factors, divisors, groups, dtype }, out);
  },
  groupedSum,
  difference: (input, base, dtype, out) => referenceMergeKernels.weightedSum([input, base], [1, -1], 1, dtype, out),
  gram(inputs) {
    const n = inputs.length;
    const values = inputs.map(widen);
    const products = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = i; j < n; j++) products[i * n + j] = products[j * n + i] = productOf(values[i], values[j]);
    }
    return products;
  },
  addProducts,
  areSame(inputs) {
    const [first, ...rest] = inputs.map((input) => new Int32Array(widen(input).buffer));
    return rest.every((bits) => bits.every((word, i) => word === first[i]));
  },
  nearest(base, other, t, dtype, out) {
    const round = rounder(dtype);
    const [a, b] = [widen(base), widen(other)];
    const [smallest, scale] = [round(1e-6), Math.fround(t)];
    return fill(out, a.length, (i) => {
      const distance = Math.max(round(Math.abs(round(a[i] - b[i]))), smallest);
      const weight = Math.min(Math.max(round(round(1 / distance) * scale), 0), 1);
      return round(round(weight * b[i]) + round(round(1 - weight) * a[i]));
    });
  },
  divergences(model, base, [modelDType, baseDType], rows) {
    const columns = lengthOf(model) / rows;
    const dtype = promoted([modelDType, baseDType]);
    const [p, q] = [widen(model), widen(base)];
    return fill(undefined, rows, (row) => {
      const [from, to] = [row * columns, (row + 1) * columns];
      return divergence(softmax(p.subarray(from, to), modelDType), softmax(q.subarray(from, to), baseDType), dtype);
    });
  },
  importances(model, base, divergences, dtype, out) {
    const round = rounder(dtype);
    const [a, b] = [widen(model), widen(base)];
    const columns = a.length / divergences.length;
    return fill(out, a.length, (i) => round(Math.abs(round(a[i] - b[i])) * divergences[Math.floor(i / columns)]));
  },
  fuse(model, base, importances, threshold, dtype, out) {
    const round = rounder(dtype);
    const [a, b] = [widen(model), widen(base)];
    const least = Math.fround(threshold);
    return fill(out, a.length, (i) => (importances[i] >= least ? b[i] + round(a[i] - b[i]) : b[i]));
  },
};

function fill(out: Float32Array | undefined, length: number, valueOf: (i: number) => number): Float32Array {
  const values = out?.length === length ? out : new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = valueOf(i);
  return values;
}

/** A copy: `out` may be one of the inputs. */
function widen(vector: MergeVector): Float32Array {
  return vector instanceof Float32Array ? vector.slice() : decodeFloats(vector.bytes, vector.stored);
}

function decodeDoubles(bytes: Uint8Array): Float64Array {
  return new Float64Array(bytes.slice().buffer);
}

function groupedSum(sum: GroupedSum, out?: Float32Array): Float32Array {
  const { inputs, factors, divisors, groups, dtype } = sum;
  const round = rounder(dtype);
  const finish = rounder(sum.result ?? dtype);
  const values = inputs.map(widen);
  return fill(out, groups.rows * groups.columns, (i) => {
    const group = groups.of === "rows" ? Math.floor(i / groups.columns) : i % groups.columns;
    let total = round(values[0][i] * factors[0][group]);
    for (let k = 1; k < values.length; k++) total = Math.fround(total + round(values[k][i] * factors[k][group]));
    return divisors === undefined ? finish(total) : finish(finish(total) / divisors[group]);
  });
}

/** Lanes of a sum, and elements of a block: the order in which the C++ kernels add. */
const lanes = 16;
const block = 4096;

/** Σ aᵢ · bᵢ in f64: in each block, lane l adds the elements l, l + 16, …; then lanes and blocks are added in order. */
function productOf(a: Float32Array, b: Float32Array | null): number {
  let total = 0;
  for (let start = 0; start < a.length; start += block) {
    const end = Math.min(a.length, start + block);
    const sums = new Float64Array(lanes);
    for (let i = start; i < end; i++) sums[(i - start) % lanes] += b === null ? a[i] : a[i] * b[i];
    total += sums.reduce((sum, lane) => sum + lane, 0);
  }
  return total;
}

function addProducts({ a, b, aDivisors, bDivisors, groups, dtype, isExact }: Products, sums: Float64Array): void {
  const round = rounder(dtype);
  const { rows, columns, of } = groups;
  const groupOf = (i: number) => (of === "rows" ? Math.floor(i / columns) : i % columns);
  const divided = (vector: MergeVector, divisors: Float32Array | undefined) => {
    const values = widen(vector);
    return divisors === undefined ? values : values.map((value, i) => round(value / divisors[groupOf(i)]));
  };
  const [left, right] = [divided(a, aDivisors), divided(b, bDivisors)];
  if (of === "columns") {
    left.forEach((value, i) => (sums[groupOf(i)] += isExact ? value * right[i] : round(value * right[i])));
    return;
  }
  for (let row = 0; row < rows; row++) {
    const [x, y] = [left, right].map((values) => values.subarray(row * columns, (row + 1) * columns));
    sums[row] += isExact
      ? productOf(x, y)
      : productOf(
          x.map((value, i) => round(value * y[i])),
          null,
        );
  }
}

/** Softmax with 1e-8 added, each step rounded. */
function softmax(row: Float32Array, dtype: MergeDType): Float32Array {
  const round = rounder(dtype);
  const largest = row.reduce((best, value) => (value > best ? value : best), -Infinity);
  const powers = row.map((value) => Math.exp(Math.fround(value - largest)));
  const sum = Math.fround(powers.reduce((total, value) => total + value, 0));
  const epsilon = round(1e-8);
  return powers.map((value) => round(round(value / sum) + epsilon));
}

function divergence(p: Float32Array, q: Float32Array, dtype: MergeDType): number {
  const round = rounder(dtype);
  let total = 0;
  p.forEach((value, i) => (total += round(value * round(Math.log(round(value / q[i]))))));
  return round(total);
}
