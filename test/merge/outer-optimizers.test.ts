import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { outerStep, type OuterSettings } from "../../src/merge/outer-step.js";

interface GoldenCase extends OuterSettings {
  readonly start: readonly number[];
  readonly rounds: readonly {
    readonly merged: readonly number[];
    readonly weights: readonly number[];
    readonly velocity: readonly number[] | null;
  }[];
}

const golden = JSON.parse(readFileSync(new URL("../golden/outer-optimizers.json", import.meta.url), "utf8")) as {
  readonly torch: string;
  readonly cases: readonly GoldenCase[];
};

const expectClose = (got: Float32Array, expected: readonly number[]) => {
  for (const [i, value] of expected.entries()) expect(Math.abs(got[i] - value)).toBeLessThan(1e-6);
};

describe("rounds of an outer optimizer are those of torch.optim.SGD", () => {
  test.each(golden.cases)("$method at rate $learningRate and momentum $momentum", ({ start, rounds, ...settings }) => {
    let weights: Float32Array = Float32Array.from(start);
    const velocity = new Float32Array(start.length);
    for (const round of rounds) {
      weights = outerStep(weights, Float32Array.from(round.merged), velocity, settings);
      expectClose(weights, round.weights);
      if (round.velocity !== null) expectClose(velocity, round.velocity);
    }
  });
  test("without momentum, both methods are the same", () => {
    const [base, merged] = [Float32Array.of(1, 2, -3), Float32Array.of(1.5, 2.25, 0)];
    const step = (method: OuterSettings["method"]) =>
      outerStep(base, merged, new Float32Array(3), { method, learningRate: 0.7, momentum: 0 });
    expect(step("sgd")).toEqual(step("nesterov"));
  });
});
