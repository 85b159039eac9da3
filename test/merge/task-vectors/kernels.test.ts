import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadAddon } from "../../../src/device/cpu/native-addon.js";
import { nativeMergeKernels } from "../../../src/merge/core/kernels/native-kernels.js";
import { referenceMergeKernels as reference } from "../../../src/merge/core/kernels/reference-kernels.js";
import type { MergeKernels } from "../../../src/merge/core/kernels.js";
import { roundTo } from "../../../src/merge/core/kernels/rounding.js";
import { MersenneTwister, stateLength } from "../../../src/merge/core/mersenne-twister.js";
import { noMagnitude } from "../../../src/merge/core/task-vector-kernels.js";
import { availableSets } from "../../device/instruction-sets.js";
import { bitsOf, dtypes, values } from "../core/kernel-vectors.js";

const loaded = loadAddon();
const { addon } = loaded;
const lengths = [1, 2, 15, 16, 17, 31, 1049, 4097, 17001];
const runs = { numRuns: 9, seed: 4 };
const dtype = fc.constantFrom(...dtypes);
const vector = fc.constantFrom(...lengths).chain((length) => values(length));
const matrix = fc
  .record({ inputs: fc.integer({ min: 1, max: 5 }), length: fc.constantFrom(...lengths) })
  .chain(({ inputs, length }) => fc.record({ changes: values(inputs * length), base: values(length) }));

/** Without a sign of zeros, which the choice of elements does not keep. */
const unsignedZeros = (data: Float32Array) => data.map((value) => value + 0);
const magnitude = (value: number) => new Uint32Array(Float32Array.of(Math.abs(value)).buffer)[0];

describe.skipIf(addon === null)(`task vectors in C++ (skipped: ${addon === null ? loaded.reason : ""})`, () => {
  /** Every instruction set, on 1, 2 and 3 threads in turn, gives what the reference gives. */
  const opened = availableSets.map(
    (instructionSet, i) => nativeMergeKernels({ instructionSet, threads: 1 + (i % 3) }).kernels,
  );
  function agree(compute: (kernels: MergeKernels) => readonly number[] | Float64Array): void {
    const expected = Float64Array.from(compute(reference));
    for (const [i, kernels] of opened.entries()) {
      const actual = Float64Array.from(compute(kernels));
      const different = actual.findIndex((value, at) => !Object.is(value, expected[at]));
      expect({ length: actual.length, different }, availableSets[i].label).toEqual({
        length: expected.length,
        different: -1,
      });
    }
  }

  test("counts of magnitudes", () => {
    const property = fc.property(vector, (data) => {
      agree((kernels) => {
        const counts = new Float64Array(3 << 15).fill(1);
        kernels.countMagnitudes(counts.subarray(0, 1 << 15), data, null);
        kernels.countMagnitudes(counts.subarray(1 << 15), data, magnitude(data[0]) >>> 16);
        return counts;
      });
    });
    fc.assert(property, runs);
  });

  test("ranges of magnitudes, in blocks", () => {
    const place = fc.nat(50);
    const property = fc.property(
      vector,
      fc.tuple(place, place, place, place, place),
      fc.boolean(),
      (data, at, open) => {
        const [low, high] = [at[0], at[1]].map((i) => magnitude(data[i % data.length])).sort((a, b) => a - b);
        const range = { low, lowFirst: at[2], lowEnd: at[2] + at[3], high: open ? noMagnitude : high, highEnd: at[4] };
        agree((kernels) => {
          const seen = { low: 0, high: 0 };
          const kept = unsignedZeros(data);
          const half = data.length >> 1;
          kernels.keepRange(kept.subarray(0, half), range, seen);
          kernels.keepRange(kept.subarray(half), range, seen);
          return bitsOf(kept);
        });
      },
    );
    fc.assert(property, { ...runs, numRuns: 27 });
  });

  test("outputs of the Mersenne Twister, in any portions", () => {
    const property = fc.property(fc.array(fc.nat(1500), { maxLength: 6 }), fc.nat(), (counts, seed) => {
      agree((kernels) => {
        const random = new MersenneTwister(seed, kernels.fillWords);
        return counts.flatMap((count, i) => (i % 3 === 1 ? (random.skip(count), []) : [...random.next(count)]));
      });
    });
    fc.assert(property, runs);
    expect(stateLength).toBe(625);
  });

  test("random choices, by probability and by rank", () => {
    const property = fc.property(vector, fc.nat(2 ** 24), fc.constantFrom(1, 2, 3), (data, bound, stride) => {
      const words = new MersenneTwister(bound).next(data.length);
      agree((kernels) => {
        const kept = unsignedZeros(data);
        kernels.keepAtRandom(kept, words, bound);
        return bitsOf(kept);
      });
      const rowLength = data.length % (2 * stride) === 0 ? data.length / (2 * stride) : data.length;
      const bounds = Uint32Array.from({ length: rowLength }, (_, rank) =>
        Math.floor(((rank + 1) / rowLength) * 2 ** 24),
      );
      agree((kernels) => {
        const kept = unsignedZeros(data);
        kernels.keepByRank(kept, words, bounds, rowLength === data.length ? 1 : stride);
        return bitsOf(kept);
      });
    });
    fc.assert(property, runs);
  });

  test("sums, factors and masks", () => {
    const property = fc.property(vector, dtype, fc.float({ noNaN: true }), (data, dtype, factor) => {
      const rounded = data.map((value) => roundTo(dtype, value));
      agree((kernels) => [kernels.magnitudeSum(rounded), kernels.squareSum(rounded, dtype)]);
      agree((kernels) => {
        const [scaled, masked] = [rounded.slice(), unsignedZeros(rounded)];
        kernels.scale(scaled, factor, dtype);
        kernels.keepWhere(masked, scaled);
        return [...bitsOf(scaled), ...bitsOf(masked)];
      });
    });
    fc.assert(property, runs);
  });

  test("sums of elected changes", () => {
    const settings = fc.record({
      weights: fc.array(fc.float({ min: -2, max: 2, noNaN: true }), { minLength: 5, maxLength: 5 }),
      vote: fc.constantFrom("none" as const, "weighted" as const, "changes" as const),
      division: fc.constantFrom("none" as const, "fixed" as const, "elected" as const),
      divisor: fc.constantFrom(0, 2 ** -20, 0.75),
      lambda: fc.constantFrom(1, 0.3),
    });
    const property = fc.property(matrix, settings, dtype, ({ base, changes }, settings, dtype) => {
      const inputs = changes.length / base.length;
      const weights = settings.weights.slice(0, inputs).map((weight) => roundTo(dtype, weight));
      const [from, of] = [base, changes].map((data) => data.map((value) => roundTo(dtype, value)));
      agree((kernels) => bitsOf(kernels.mixChanges(from, of, { ...settings, weights }, dtype)));
      agree((kernels) => bitsOf(kernels.variance(of, inputs, dtype)));
    });
    fc.assert(property, { ...runs, numRuns: 27 });
  });

  test("sums of shared changes", () => {
    const property = fc.property(matrix, dtype, fc.boolean(), ({ base, changes }, dtype, hasFactors) => {
      const inputs = changes.length / base.length;
      const [from, of] = [base, changes].map((data) => data.map((value) => roundTo(dtype, value)));
      const epsilon = roundTo(dtype, 1e-2);
      agree((kernels) => {
        const totals = new Float64Array(2 * inputs).fill(3);
        kernels.countShared(totals, of, epsilon);
        const factors = hasFactors ? Array.from({ length: inputs }, (_, i) => Math.fround(1 + 0.1 * i)) : null;
        return [...totals, ...bitsOf(kernels.mixShared(from, of, epsilon, factors, dtype))];
      });
    });
    fc.assert(property, runs);
  });
});
