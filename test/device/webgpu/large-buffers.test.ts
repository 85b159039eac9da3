/** Buffers that exceed what an adapter binds at once. */
import { describe, expect, test } from "vitest";
import { createReferenceDevice } from "../../../src/device/reference/reference-device.js";
import type { Device } from "../../../src/device/kernels.js";
import { integers, normal, zeros, type KernelCase } from "../case-tensors.js";
import { attentionCase, headCase, kernelCases, operandCases } from "../kernel-cases.js";
import { normalizedError, runCase } from "../run-case.js";
import { noAdapter, openGpu, openSmallBindings } from "./adapter.js";

const why = noAdapter === null ? "" : ` (skipped: ${noAdapter})`;
const minutes = 5 * 60_000;

async function expectOracle(device: Device, one: KernelCase, limit: number): Promise<void> {
  const [results, expected] = [await runCase(device, one), await runCase(createReferenceDevice("f64"), one)];
  for (const key of Object.keys(one.tensors))
    expect(normalizedError(results[key], expected[key]), `${one.name}: ${key}`).toBeLessThanOrEqual(limit);
}

function embedCase(N: number, D: number, V: number): KernelCase {
  return {
    name: `embed and its gradient ${N}×${D} of ${V}`,
    tensors: {
      out: zeros(N * D),
      table: normal("table", V * D),
      ids: integers("ids", N, 0, V),
      dTable: zeros(V * D),
      dOut: normal("dOut", N * D),
    },
    call(k, b) {
      k.embed({ out: b.out, table: b.table, ids: b.ids, N, D });
      k.embedBackward({ dTable: b.dTable, dOut: b.dOut, ids: b.ids, N, D });
    },
  };
}

describe.skipIf(noAdapter !== null)(`buffers larger than a binding${why}`, () => {
  test("are bound in parts by every kernel", { timeout: minutes }, async () => {
    const device = await openSmallBindings("f32", 32 * 1024);
    const names = /^(matmul.* 130×|gram 130|embed.* 65×65|bias.* 65×65|rmsNorm.* 65×65|\S+ .* 20001|rope 65)/;
    const cases = [...kernelCases(), ...operandCases()].filter(({ name }) => names.test(name));
    expect(cases.length).toBeGreaterThan(15);
    const two = { B: 2, queries: 33, keys: 33, H: 2, K: 1, E: 33 };
    const others = [embedCase(20, 65, 300), headCase(65, 33, 601, "f32"), attentionCase(two)];
    for (const one of [...cases, ...others]) await expectOracle(device, one, 1e-6);
  });

  test("as the embedding and the head of 128,256 tokens", { timeout: minutes }, async () => {
    const device = await openGpu("f32");
    await expectOracle(device, embedCase(7, 264, 128_256), 1e-12);
    await expectOracle(device, headCase(3, 264, 128_256, "f32"), 1e-12);
  });
});
