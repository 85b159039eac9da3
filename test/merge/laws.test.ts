import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agreementOf } from "../../src/merge/agreement.js";
import { roundAttribution } from "../../src/merge/attribution/round-attribution.js";
import { meterChanges, type MeasuredTensor } from "../../src/merge/change-meter.js";
import { referenceMergeKernels } from "../../src/merge/core/kernels/reference-kernels.js";
import { openMergeKernels } from "../../src/merge/core/kernels/open-kernels.js";
import { pairAdjacent } from "../../src/merge/methods/parts/tree.js";
import { outerMethods, outerStep } from "../../src/merge/outer-step.js";
import { isSame, lerp, linear, slerp, ties, treeOf, trim, union } from "./merged-by.js";

const { kernels } = openMergeKernels(2);
const options = { seed: 20, numRuns: 200 };
/** Finite, from subnormal to 1e30. */
const tensor = (length: number) =>
  fc
    .array(fc.float({ noNaN: true, min: Math.fround(-1e30), max: Math.fround(1e30) }), {
      minLength: length,
      maxLength: length,
    })
    .map((values) => Float32Array.from(values));
const share = fc.double({ min: 0, max: 1, noNaN: true });
const plain = { normalize: true, rescale: false, lambda: 1 };
const full = (value: number) => new Float32Array(3).fill(value);

describe("merging a tensor with itself gives it back bit for bit", () => {
  test("by lerp, slerp, linear, union and ties", () => {
    fc.assert(
      fc.property(tensor(7), share, (a, t) => {
        const copies = [a, a.slice(), a.slice()];
        const merged = [
          lerp(a, a.slice(), t),
          slerp(a, a.slice(), t),
          linear(copies, [1, t + 0.1, 3]),
          union(a, copies, 1),
          union(a, copies, 0.5 + t),
          ties(a, copies, { ...plain, weights: [1, 1, 1], densities: [1, 0.5, 0.2] }),
        ];
        for (const values of merged) expect(isSame(values, a)).toBe(true);
      }),
      options,
    );
  });
  test("by slerp, tensors too short for an angle and values that are not finite too", () => {
    for (const values of [
      [1e-10, -2e-10, 3e-10],
      [1e-45, 0, -0],
      [-0, -0, -0],
      [Infinity, 1, -Infinity],
      [NaN, 1, 2],
    ]) {
      const a = Float32Array.from(values);
      for (const t of [0.2, 0.5, 0.8]) expect(isSame(slerp(a, a.slice(), t), a), `${values} at ${t}`).toBe(true);
    }
  });
});

describe("the ends are exact", () => {
  test("t = 0 gives the first, t = 1 the second, weights (1, 0) the first", () => {
    fc.assert(
      fc.property(tensor(5), tensor(5), (a, b) => {
        for (const mix of [lerp, slerp]) {
          expect(isSame(mix(a, b, 0), a)).toBe(true);
          expect(isSame(mix(a, b, 1), b)).toBe(true);
        }
        expect(isSame(linear([a, b], [1, 0]), a)).toBe(true);
        expect(isSame(linear([a, b], [0, 2]), b)).toBe(true);
      }),
      options,
    );
  });
  test("a union of one owner at scale 1 is that owner", () => {
    fc.assert(
      fc.property(tensor(5), tensor(5), (base, part) => {
        expect(union(base, [part], 1)).toEqual(part);
      }),
      options,
    );
  });
  test("inputs stay as they were", () => {
    const a = Float32Array.of(1, 2, 3);
    const b = Float32Array.of(3, -1, 2);
    for (const merged of [lerp(a, b, 0), slerp(a, b, 0), linear([a, b], [1, 0]), trim(a, 1)]) merged.fill(9);
    expect([Array.from(a), Array.from(b)]).toEqual([
      [1, 2, 3],
      [3, -1, 2],
    ]);
  });
});

describe("the tree", () => {
  test("pairs neighbours", () => {
    const written = (parts: number) =>
      pairAdjacent(
        Array.from({ length: parts }, (_, part) => `{${part}}`),
        (left, right) => `{${left},${right}}`,
      );
    expect(written(1)).toBe("{0}");
    expect(written(2)).toBe("{{0},{1}}");
    expect(written(4)).toBe("{{{0},{1}},{{2},{3}}}");
    expect(written(5)).toBe("{{{{0},{1}},{{2},{3}}},{4}}");
    expect(() => written(0)).toThrow(RangeError);
  });
  test.each([
    [
      [true, false, false, false],
      [0.64, 0, 0, 0],
    ],
    [
      [false, false, false, true],
      [0, 0, 0, 0.64],
    ],
    [
      [true, true, false, false],
      [0.4, 0.4, 0, 0],
    ],
    [
      [true, false, true, false],
      [0.4, 0, 0.4, 0],
    ],
    [
      [true, true, true, false],
      [0.25, 0.25, 0.4, 0],
    ],
    [
      [true, true, true, true],
      [0.25, 0.25, 0.25, 0.25],
    ],
    [
      [false, false, false, false],
      [0, 0, 0, 0],
    ],
  ])("with linear interpolation and own share 0.8, owners %s keep %s of their change", (owns, kept) => {
    const own = (part: number) => full(owns[part] ? 3 + part : 2);
    const expected = kept.reduce((sum, share, part) => sum + share * (own(part)[0] - 2), 2);
    const parts = owns.map((_, part) => own(part));
    expect(treeOf(full(2), parts, 0.8, false)[0]).toBeCloseTo(expected, 5);
    expect(isSame(treeOf(full(2), parts, 0.8, false, referenceMergeKernels), treeOf(full(2), parts, 0.8, false))).toBe(
      true,
    );
  });
  test("an own share of 1 places a single owner's tensor whole", () => {
    const part = Float32Array.of(1, -2, 0.3);
    for (const isSpherical of [false, true]) {
      expect(isSame(treeOf(full(9), [full(9), full(9), part, full(9)], 1, isSpherical), part)).toBe(true);
    }
  });
  test("spherical interpolation of pairs is that of slerp, level by level", () => {
    const draw = (seed: number) =>
      Float32Array.from({ length: 50 }, (_, i) => Math.fround(Math.sin(seed * 77 + i * i)));
    const parts = [1, 2, 3, 4].map(draw);
    const expected = slerp(slerp(parts[0], parts[1], 0.5), slerp(parts[2], parts[3], 0.5), 0.5);
    const merged = treeOf(draw(9), parts, 0.8, true);
    for (const [i, value] of merged.entries()) expect(value).toBeCloseTo(expected[i], 6);
    const alone = treeOf(parts[0], [parts[0], parts[1]], 0.8, true);
    const one = slerp(parts[0], parts[1], 0.8);
    for (const [i, value] of alone.entries()) expect(value).toBeCloseTo(one[i], 6);
  });
  test("copies are the copy, and elements without a change stay as they are", () => {
    fc.assert(
      fc.property(tensor(7), tensor(7), (base, part) => {
        const copies = [part, part.slice(), part.slice(), part.slice()];
        expect(isSame(treeOf(base, copies, 0.8, true), part)).toBe(true);
        expect(isSame(treeOf(base, copies, 0.8, false), part)).toBe(true);
        const changed = part.map((value, i) => (i < 3 ? base[i] : value));
        const merged = treeOf(base, [changed, base.slice()], 0.8, false);
        expect(isSame(merged.subarray(0, 3), base.subarray(0, 3))).toBe(true);
      }),
      options,
    );
  });
});

describe("ties", () => {
  test("at density 1 a single owner keeps all of its change", () => {
    const one = { ...plain, weights: [1], densities: [1] };
    expect(Array.from(ties(full(1), [full(3)], one))).toEqual([3, 3, 3]);
    expect(Array.from(ties(full(1), [full(3)], { ...one, lambda: 0.5 }))).toEqual([2, 2, 2]);
  });
  test("trim keeps the lower index among equals", () => {
    expect(Array.from(trim(Float32Array.of(1, -2, 2, 2, 0), 0.4))).toEqual([0, -2, 2, 0, 0]);
  });
  test("trim keeps what is at least as large as the element of that rank in a sorted change", () => {
    fc.assert(
      fc.property(tensor(60), fc.integer({ min: 1, max: 59 }), (delta, kept) => {
        const threshold = delta.map(Math.abs).sort()[60 - kept];
        const trimmed = trim(delta, (kept + 0.5) / 60);
        const larger = delta.map((value) => (Math.abs(value) > threshold ? value : 0));
        for (const [i, value] of trimmed.entries()) if (Math.abs(delta[i]) !== threshold) expect(value).toBe(larger[i]);
        if (threshold > 0) expect(trimmed.filter((value) => value !== 0)).toHaveLength(kept);
      }),
      options,
    );
  });
  test("trim keeps exactly ⌊density · n⌋ elements, none smaller than one it drops", () => {
    fc.assert(
      fc.property(tensor(11), fc.double({ min: 0.1, max: 0.999, noNaN: true }), (delta, density) => {
        const kept = trim(delta, density);
        const inside = Array.from(delta.keys())
          .filter((i) => kept[i] !== 0)
          .map((i) => Math.abs(delta[i]));
        const outside = Array.from(delta.keys())
          .filter((i) => kept[i] === 0)
          .map((i) => Math.abs(delta[i]));
        expect(inside.length).toBeLessThanOrEqual(Math.trunc(density * 11));
        expect(Math.min(...inside, Infinity)).toBeGreaterThanOrEqual(
          Math.max(...outside.filter((size) => size > 0), 0),
        );
      }),
      options,
    );
  });
});

describe("the outer step", () => {
  test.each(outerMethods)("by %s at rate 1 without momentum is the merged model", (method) => {
    fc.assert(
      fc.property(tensor(5), tensor(5), (base, merged) => {
        expect(
          isSame(outerStep(base, merged, new Float32Array(5), { method, learningRate: 1, momentum: 0 }), merged),
        ).toBe(true);
      }),
      options,
    );
  });
  test("two rounds follow Nesterov's formula", () => {
    const velocity = new Float32Array(1);
    const settings = { method: "nesterov", learningRate: 0.7, momentum: 0.9 } as const;
    const first = outerStep(Float32Array.of(1), Float32Array.of(2), velocity, settings);
    expect(first[0]).toBeCloseTo(1 + 0.7 * (1 + 0.9), 6);
    const second = outerStep(first, Float32Array.of(first[0] + 0.5), velocity, settings);
    expect(velocity[0]).toBeCloseTo(0.9 + 0.5, 6);
    expect(second[0]).toBeCloseTo(first[0] + 0.7 * (0.5 + 0.9 * 1.4), 6);
  });
});

describe("the agreement of changes", () => {
  const measured = (changes: (number[] | null)[], merged: number[] | null = null): MeasuredTensor => {
    const owners = [...changes.keys()].filter((part) => changes[part] !== null);
    const values = owners.map((part) => Float32Array.from(changes[part]!));
    const meter = meterChanges("model.layers.0.mlp.up_proj.weight", { kernels, owners, cosineOf: "none" });
    meter.add(new Float32Array(values[0].length), values, merged ? Float32Array.from(merged) : values[0]);
    return meter.finish();
  };
  const measure = (changes: (number[] | null)[]) => agreementOf([measured(changes)], changes.length);
  test("is 1 for equal changes, cosine 0 and 1/√2 for orthogonal ones, null for a single owner", () => {
    expect(
      measure([
        [3, 4],
        [3, 4],
      ]),
    ).toEqual({ cosine: 1, meanNormRatio: 1, changeNorms: [5, 5] });
    const orthogonal = measure([[1, 0], null, [0, 1]]);
    expect(orthogonal.cosine).toBe(0);
    expect(orthogonal.meanNormRatio).toBeCloseTo(Math.SQRT1_2, 12);
    expect(measure([null, [3, 4]])).toEqual({ cosine: null, meanNormRatio: null, changeNorms: [0, 5] });
  });
  test("is that of plain sums, and bit for bit that of the reference kernels, for any number of owners", () => {
    for (const [P, length] of [
      [1, 5],
      [2, 4097],
      [3, 9000],
      [4, 4096],
      [5, 20_000],
    ]) {
      const draw = (part: number) =>
        Float32Array.from({ length }, (_, i) => Math.fround(Math.sin((part + 1) * 7919 + i * 1.37)));
      const base = draw(9);
      const owners = Array.from({ length: P }, (_, part) => ({ part, values: draw(part) }));
      const [found, reference] = [kernels, referenceMergeKernels].map((own) => {
        const meter = meterChanges("t", { kernels: own, owners: owners.map(({ part }) => part), cosineOf: "none" });
        const values = owners.map((owner) => owner.values);
        meter.add(base, values, values[0]);
        return agreementOf([meter.finish()], P);
      });
      expect(found).toEqual(reference);
      const changes = owners.map(({ values }) => values.map((value, i) => value - base[i]));
      const dot = (a: number, b: number) => changes[a].reduce((sum, value, i) => sum + value * changes[b][i], 0);
      const pairs = owners.flatMap((_, a) => owners.slice(a + 1).map((__, i) => [a, a + 1 + i] as const));
      const cosines = pairs.map(([a, b]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)));
      const { cosine, changeNorms } = found;
      for (const [a, norm] of changeNorms.entries()) expect(norm / Math.sqrt(dot(a, a))).toBeCloseTo(1, 12);
      if (P === 1) expect(cosine).toBe(null);
      else expect(cosine).toBeCloseTo(cosines.reduce((sum, one) => sum + one, 0) / cosines.length, 12);
    }
  });
  test("does not depend on the pieces", () => {
    const meter = meterChanges("t", { kernels, owners: [0, 1], cosineOf: "none" });
    for (const [a, b] of [
      [3, 1],
      [4, 2],
    ]) {
      const values = [1 + a, 1 + b].map((value) => Float32Array.of(value));
      meter.add(Float32Array.of(1), values, values[0]);
    }
    expect(agreementOf([meter.finish()], 2)).toEqual(
      measure([
        [3, 4],
        [1, 2],
      ]),
    );
  });
  test("what arrived: the whole of a sole change, half of two orthogonal ones, nothing of one that was dropped", () => {
    const arrivedOf = (changes: (number[] | null)[], merged: number[]) =>
      roundAttribution([measured(changes, merged)], changes.length);
    const sole = arrivedOf([null, [3, 4]], [3, 4]);
    expect(sole.total).toEqual({ change: 5, shares: [null, 1], cosine: null, tensors: 1, linearTensors: null });
    expect(sole.layers.map(({ label, shares }) => [label, shares])).toEqual([["layer 0", [null, 1]]]);
    const mean = arrivedOf(
      [
        [2, 0],
        [0, 4],
      ],
      [1, 2],
    );
    expect([mean.total.shares, mean.total.cosine]).toEqual([[0.5, 0.5], 0]);
    const first = arrivedOf(
      [
        [2, 0],
        [0, 4],
        [0, 0],
      ],
      [2, 0],
    );
    expect(first.total.shares).toEqual([1, 0, null]);
  });
  test("SLERP acts as linear where the tensors themselves, not their changes, are almost parallel", () => {
    const linearOf = (base: number[], cosineOf: "owners" | "owners and base") => {
      const owners = cosineOf === "owners" ? [0, 1] : [1];
      const meter = meterChanges("t", { kernels, owners, cosineOf });
      const values = [
        [base[0] + 0.01, base[1]],
        [base[0], base[1] + 0.01],
      ].map((value) => Float32Array.from(value));
      meter.add(
        Float32Array.from(base),
        owners.map((part) => values[part]),
        values[0],
      );
      return roundAttribution([meter.finish()], 2).total.linearTensors;
    };
    for (const cosineOf of ["owners", "owners and base"] as const) {
      expect(linearOf([1, 1], cosineOf)).toBe(1);
      expect(linearOf([0.01, 0], cosineOf)).toBe(0);
    }
  });
});
