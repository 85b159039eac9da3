import { describe, expect, test } from "vitest";
import type { Device, ProductType } from "../../src/device/kernels.js";
import { deviceReport } from "../../src/device/open-device.js";
import { createNativeDevice } from "../../src/device/native/native-device.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { kernelCases, operandCases, type KernelCase } from "./kernel-cases.js";
import { normalisedError, runCase, type Results } from "./run-case.js";

const native = deviceReport().find(({ name }) => name === "native");
const [plain, withOperands] = [kernelCases(), operandCases()];

/**
 * Largest normalised error against the oracle, which rounds the same operands and sums in f64. A bf16 that was rounded
 * from a slightly different sum may be its neighbour, 2⁻⁸ away, in few of many; the probabilities inside attention and
 * the gradients inside the head are rounded by the device alone, 2⁻⁹ each.
 */
function limitOf({ name }: KernelCase, dtype: string, products: ProductType): number {
  if (dtype === "i32") return 0;
  const rounds = name.startsWith("attention") || name.startsWith("headLoss");
  if (products === "bf16" && rounds) return 2e-5;
  if (dtype === "bf16" || dtype === "f16") return name.startsWith("copy") ? 0 : 1e-6;
  return name.includes("attention") && name.includes("bf16") ? 1e-6 : 1e-12;
}

const oracles = new Map<string, Promise<Results[]>>();
function expectedOf(cases: readonly KernelCase[], products: ProductType): Promise<Results[]> {
  const key = `${products} ${cases.length}`;
  const run = async () => {
    const results: Results[] = [];
    for (const one of cases) results.push(await runCase(createReferenceDevice("f64", products), one));
    return results;
  };
  if (!oracles.has(key)) oracles.set(key, run());
  return oracles.get(key) as Promise<Results[]>;
}

/** Names what is further from the oracle than its limit. */
async function disagreements(device: Device, cases: readonly KernelCase[]): Promise<string[]> {
  const { products } = device.facts;
  const expected = await expectedOf(cases, products);
  const wrong: string[] = [];
  for (const [number, one] of cases.entries()) {
    const results = await runCase(device, one);
    for (const [key, { dtype }] of Object.entries(one.tensors)) {
      const error = normalisedError(results[key], expected[number][key]);
      if (!(error <= limitOf(one, dtype, products))) wrong.push(`${one.name}: ${key} ${error}`);
    }
  }
  return wrong;
}

describe.skipIf(!native?.available)(`the native device (skipped: ${native?.reason})`, () => {
  for (const { name: instructionSet, available, reason } of native?.instructionSets ?? []) {
    for (const [threads, products] of [
      [1, "f32"],
      [3, "f32"],
      [3, "bf16"],
    ] as const) {
      test.skipIf(!available)(
        `${instructionSet}, ${products}, ${threads} threads agrees with the oracle ${reason ?? ""}`,
        async () => {
          const device = createNativeDevice({ threads, instructionSet, products });
          expect(await disagreements(device, plain)).toEqual([]);
          expect(await disagreements(device, withOperands)).toEqual([]);
        },
      );
    }
  }
});

test("the reference device in f32 agrees with itself in f64", async () => {
  for (const products of ["f32", "bf16"] as const) {
    expect(await disagreements(createReferenceDevice("f32", products), plain)).toEqual([]);
    expect(await disagreements(createReferenceDevice("f32", products), withOperands)).toEqual([]);
  }
});
