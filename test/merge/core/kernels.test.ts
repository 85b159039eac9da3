import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadAddon } from "../../../src/device/cpu/native-addon.js";
import { nativeMergeKernels } from "../../../src/merge/core/kernels/native-kernels.js";
import { referenceMergeKernels as reference } from "../../../src/merge/core/kernels/reference-kernels.js";
import type { Groups, MergeKernels, MergeVector } from "../../../src/merge/core/kernels.js";
import { availableSets, type TestedSet } from "../../device/instruction-sets.js";
import { bitsOf, dtypes, unaligned, values, vectorOf } from "./kernel-vectors.js";

const loaded = loadAddon();
const { addon } = loaded;
const opened = new Map<string, MergeKernels>();

/** Each has threads of its own, so they are used again. */
function open(instructionSet: TestedSet, threads: number): MergeKernels {
  const key = `${instructionSet.label} ${threads}`;
  const kernels = opened.get(key) ?? nativeMergeKernels({ instructionSet, threads }).kernels;
  opened.set(key, kernels);
  return kernels;
}
const lengths = [1, 2, 3, 15, 16, 17, 31, 255, 2047, 2048, 2049, 4097, 9001];
const runs = { numRuns: 6 };

/** The shapes of a matrix of these many elements. */
const shapes = fc.constantFrom([1, 5000], [7, 3], [2, 4097], [17, 65], [65, 17], [4097, 1], [1, 1]);
const some = fc.record({
  dtype: fc.constantFrom(...dtypes),
  form: fc.constantFrom("read" as const, "stored" as const),
  otherForm: fc.constantFrom("read" as const, "stored" as const),
});

describe.skipIf(addon === null)(`kernels of merging in C++ (skipped: ${addon === null ? loaded.reason : ""})`, () => {
  /** Every instruction set, on 1, 2 and 3 threads in turn, gives what the reference gives. */
  function agree(compute: (kernels: MergeKernels) => readonly number[]): void {
    const expected = compute(reference);
    availableSets.forEach((set, i) => expect(compute(open(set, 1 + (i % 3))), set.label).toEqual(expected));
  }

  test("decode and encode round to nearest even, special values too", () => {
    const property = fc.property(
      fc.constantFrom(...lengths).chain((length) => values(length)),
      some,
      (data, { dtype }) => {
        for (const stored of dtypes) {
          agree((kernels) => [...kernels.encode(data, stored)]);
          const bytes = unaligned(reference.encode(data, stored));
          agree((kernels) => bitsOf(kernels.decode(bytes, stored, dtype)));
        }
        const doubles = new Uint8Array(Float64Array.from(data, (value) => value * 1.1).buffer);
        agree((kernels) => bitsOf(kernels.decode(unaligned(doubles), "f64", dtype)));
      },
    );
    fc.assert(property, runs);
  });

  test("weighted sums, differences and comparisons", () => {
    const inputs = fc
      .constantFrom(...lengths)
      .chain((length) => fc.array(values(length), { minLength: 1, maxLength: 5 }));
    const weights = fc.array(fc.float({ min: -2, max: 2, noNaN: true }), { minLength: 5, maxLength: 5 });
    const property = fc.property(
      inputs,
      weights,
      fc.float({ min: 0, max: 4, noNaN: true }),
      some,
      (data, w, d, kind) => {
        const { dtype, form, otherForm } = kind;
        const vectors = data.map((own, k) => vectorOf(own, dtype, k === 0 ? form : otherForm));
        const last = vectors[vectors.length - 1];
        agree((kernels) => bitsOf(kernels.weightedSum(vectors, w.slice(0, data.length), d, dtype)));
        agree((kernels) => bitsOf(kernels.difference(vectors[0], last, dtype)));
        agree((kernels) => [kernels.areSame(vectors), kernels.areSame([last, last, last])].map(Number));
        agree((kernels) => bitsOf(kernels.nearest(vectors[0], last, d / 4, dtype)));
      },
    );
    fc.assert(property, runs);
  });

  test("Gram matrices", () => {
    const inputs = fc
      .constantFrom(...lengths)
      .chain((length) => fc.array(values(length, true), { minLength: 1, maxLength: 4 }));
    const property = fc.property(inputs, some, (data, { dtype, form }) => {
      const vectors = data.map((own) => vectorOf(own, dtype, form));
      agree((kernels) => [...kernels.gram(vectors)]);
    });
    fc.assert(property, runs);
  });

  test("sums and products of rows and columns", () => {
    const matrices = shapes.chain(([rows, columns]) =>
      fc.record({
        rows: fc.constant(rows),
        columns: fc.constant(columns),
        a: values(rows * columns),
        b: values(rows * columns),
        numbers: values(Math.max(rows, columns) * 3, true),
      }),
    );
    const property = fc.property(matrices, some, fc.boolean(), (matrix, { dtype, form, otherForm }, isExact) => {
      const { rows, columns, numbers } = matrix;
      const [a, b]: MergeVector[] = [vectorOf(matrix.a, dtype, form), vectorOf(matrix.b, dtype, otherForm)];
      for (const of of ["rows", "columns"] as const) {
        const groups: Groups = { rows, columns, of };
        const count = of === "rows" ? rows : columns;
        const [first, second, third] = [0, 1, 2].map((k) => numbers.slice(k * count, (k + 1) * count));
        for (const divisors of [undefined, third]) {
          const sum = { inputs: [a, b], factors: [first, second], divisors, groups, dtype };
          agree((kernels) => bitsOf(kernels.groupedSum(sum)));
          agree((kernels) => bitsOf(kernels.groupedSum({ ...sum, dtype: "f32", result: dtype })));
          const products = { a, b, aDivisors: divisors, bDivisors: divisors && second, groups, dtype, isExact };
          agree((kernels) => {
            const sums = new Float64Array(count).fill(0.5);
            kernels.addProducts(products, sums);
            return [...sums];
          });
        }
      }
    });
    fc.assert(property, runs);
  });

  test("importances of rows: the logarithms of libraries differ in the last place", () => {
    const matrices = shapes.chain(([rows, columns]) =>
      fc.record({ rows: fc.constant(rows), a: values(rows * columns, true), b: values(rows * columns, true) }),
    );
    const property = fc.property(matrices, some, ({ rows, a, b }, { dtype, form, otherForm }) => {
      const [model, base] = [vectorOf(a.map(Math.sin), dtype, form), vectorOf(b.map(Math.sin), dtype, otherForm)];
      const expected = reference.divergences(model, base, [dtype, dtype], rows);
      for (const set of availableSets) {
        const got = open(set, 3).divergences(model, base, [dtype, dtype], rows);
        got.forEach((value, row) =>
          expect(Math.abs(value - expected[row])).toBeLessThan(dtype === "f32" ? 1e-5 : 0.02),
        );
      }
      agree((kernels) => bitsOf(kernels.importances(model, base, expected, dtype)));
      const importances = reference.importances(model, base, expected, dtype);
      agree((kernels) => bitsOf(kernels.fuse(model, base, importances, 0.01, dtype)));
    });
    fc.assert(property, runs);
  });

  test("an output array is filled, and may be an input", () => {
    const kernels = open(availableSets[0], 2);
    const x = Float32Array.from({ length: 3000 }, (_, i) => i);
    expect(kernels.weightedSum([x, x.slice()], [1, 1], 1, "f32", x)).toBe(x);
    expect(x[2999]).toBe(2 * 2999);
    expect(kernels.decode(new Uint8Array(x.buffer.slice(0)), "f32", "f32", new Float32Array(2))).toHaveLength(3000);
  });

  test("large vectors give the same bytes on 1, 2 and 3 threads", () => {
    const data = Float32Array.from({ length: 1 << 18 }, (_, i) => Math.sin(i * 1.7));
    const other = data.map((value, i) => value + Math.cos(i) / 64);
    const results = [1, 2, 3].map((threads) => {
      const kernels = open(availableSets[0], threads);
      const sum = kernels.weightedSum([data, other], [0.3, 0.7], 1.1, "bf16");
      return [...kernels.gram([data, other]), ...sum.subarray(0, 100), ...sum.subarray(-100)];
    });
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});
