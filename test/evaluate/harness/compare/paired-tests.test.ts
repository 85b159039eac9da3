import { describe, expect, it } from "vitest";
import { mcNemarTest, pairedTest, studentTest } from "../../../../src/evaluate/harness/compare/paired-tests.js";

describe("McNemar's exact test", () => {
  it.each([
    [0, 0, 1],
    [1, 0, 1],
    [5, 5, 1],
    [2, 8, (2 * (1 + 10 + 45)) / 1024],
    [8, 2, (2 * (1 + 10 + 45)) / 1024],
    [0, 10, 2 / 1024],
  ])("is the binomial tail for %i and %i", (first, second, p) => {
    expect(mcNemarTest(first, second)).toBeCloseTo(p, 14);
  });

  it("neither underflows nor exceeds 1 for thousands of items", () => {
    // The normal approximation with continuity correction gives 0.0466.
    expect(mcNemarTest(4900, 5100)).toBeCloseTo(0.0466, 3);
    expect(mcNemarTest(10_000, 10_000)).toBe(1);
  });
});

describe("Student's test", () => {
  const cumulative: Record<number, (t: number) => number> = {
    1: (t) => 0.5 + Math.atan(t) / Math.PI,
    2: (t) => 0.5 + t / (2 * Math.sqrt(2 + t * t)),
    4: (t) => {
      const s = t / Math.sqrt(4 + t * t);
      return 0.5 + 0.75 * (s - s ** 3 / 3);
    },
  };

  it.each([1, 2, 4])("is the closed form for %i degrees of freedom", (degrees) => {
    for (const t of [0, 0.1, 1, 2.5, 4, 30]) {
      expect(studentTest(t, 1, degrees)).toBeCloseTo(2 * (1 - cumulative[degrees](t)), 12);
      expect(studentTest(-t, 1, degrees)).toBe(studentTest(t, 1, degrees));
    }
  });

  it("approaches the normal distribution", () => {
    expect(studentTest(1.959964, 1, 1e6)).toBeCloseTo(0.05, 5);
  });

  it("judges differences of pairs", () => {
    expect(pairedTest([1, 2, 3, 4, 5])).toBeCloseTo(2 * (1 - cumulative[4](Math.sqrt(18))), 12);
    expect(pairedTest([0, 0, 0])).toBe(1);
    expect(pairedTest([2, 2, 2])).toBe(0);
    expect(pairedTest([1])).toBeNull();
  });
});
