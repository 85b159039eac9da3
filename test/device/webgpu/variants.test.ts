/** Shaders for aligned heads and for large products, which tests in software do without. */
import { expect, test } from "vitest";
import { createReferenceDevice } from "../../../src/device/reference/reference-device.js";
import { normal, type KernelCase } from "../case-tensors.js";
import { attentionCase } from "../kernel-cases.js";
import { normalizedError, runCase } from "../run-case.js";
import { noAdapter, openEveryVariant } from "./adapter.js";

const why = noAdapter === null ? "" : ` (skipped: ${noAdapter})`;
const minutes = 5 * 60_000;

/** 128 tall tiles, of which the last are not full. */
const [N, I, O] = [1000, 36, 1020];
const products: KernelCase = {
  name: "large products",
  tensors: {
    x: normal("x", N * I),
    w: normal("w", O * I, "bf16"),
    y: normal("y", N * O),
    plain: normal("plain", N * O),
    dw: normal("dw", O * N),
  },
  call(k, b) {
    k.matmul({ out: b.plain, x: b.x, w: b.w, residual: null, N, I, O });
    k.matmul({ out: b.y, x: b.x, w: b.w, residual: b.y, N, I, O });
    k.matmulWeightGradient({ dw: b.dw, dy: b.w, x: b.x, N: I, I: N, O });
  },
};
const cases = [products, attentionCase({ B: 2, queries: 70, keys: 90, H: 4, K: 2, E: 64 })];

test.skipIf(noAdapter !== null)(
  `shaders of large and of aligned sizes agree with the oracle${why}`,
  async () => {
    const device = await openEveryVariant("f32");
    for (const one of cases) {
      const [results, expected] = [await runCase(device, one), await runCase(createReferenceDevice("f64"), one)];
      for (const key of Object.keys(one.tensors))
        expect(normalizedError(results[key], expected[key]), `${one.name}: ${key}`).toBeLessThanOrEqual(1e-12);
    }
  },
  minutes,
);
