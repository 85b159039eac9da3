/**
 * Shaders of GPUs for products and for aligned heads, which software adapters do without; which shader is chosen, and
 * how work is cut, changes no bit where that is promised.
 */
import { expect, test } from "vitest";
import type { DType } from "../../../src/tensor/dtype.js";
import type { Device } from "../../../src/device/kernels.js";
import { createReferenceDevice } from "../../../src/device/reference/reference-device.js";
import { findAdapter } from "../../../src/device/webgpu/adapter/find-adapter.js";
import { matrixUnits } from "../../../src/device/webgpu/adapter/matrix-units.js";
import { normal, type KernelCase } from "../case-tensors.js";
import { attentionCase, kernelCases, narrowed, operandCases } from "../kernel-cases.js";
import { normalizedError, runCase } from "../run-case.js";
import { noAdapter, openHardwareShaders } from "./adapter.js";

const why = noAdapter === null ? "" : ` (skipped: ${noAdapter})`;
const minutes = 5 * 60_000;

function products(N: number, I: number, O: number, dtype: "bf16" | "f16" = "bf16", out: DType = "f32"): KernelCase {
  return {
    name: `products ${N}×${I}×${O}`,
    tensors: {
      x: normal("x", N * I),
      w: normal("w", O * I, dtype),
      y: normal("y", N * O),
      plain: normal("plain", N * O, out),
      dw: normal("dw", O * N),
    },
    call(k, b) {
      k.matmul({ out: b.plain, x: b.x, w: b.w, residual: null, N, I, O });
      k.matmul({ out: b.y, x: b.x, w: b.w, residual: b.y, N, I, O });
      k.matmulWeightGradient({ dw: b.dw, dy: b.w, x: b.x, N: I, I: N, O });
    },
  };
}

/** Attention of one row a sequence, without its gradient. */
function oneRow(keys: number, H: number, K: number, E: number, names: readonly string[] = []): KernelCase {
  const shape = { B: 3, queries: 1, keys, H, K, E };
  const one = attentionCase(shape);
  const tensors = Object.entries(one.tensors).filter(([name]) => !name.startsWith("d"));
  return narrowed(
    {
      name: `attention of one row, ${keys} keys, ${H} heads of ${E}`,
      tensors: Object.fromEntries(tensors),
      call(k, b) {
        const visible = { first: b.first, end: b.end };
        k.attention({ out: b.out, logSumExp: b.logSumExp, q: b.q, k: b.k, v: b.v, visible, shape });
      },
    },
    "bf16",
    names,
  );
}

const rows = [oneRow(1, 1, 1, 1), oneRow(300, 4, 2, 64), oneRow(129, 3, 1, 33), oneRow(500, 2, 2, 160)];
const narrowRows = [oneRow(300, 4, 2, 64, ["out", "q", "k", "v"]), oneRow(150, 2, 1, 33, ["out", "k"])];

/** Few rows; and gradients of few tiles, whose sums are split after 1024 terms. */
const few = [products(5, 148, 12), products(40, 1030, 36), products(1, 2061, 37)];
const narrow = [products(9, 1030, 35, "bf16", "bf16"), products(5, 148, 12, "bf16", "bf16")];

const cases = [
  // 128 tall tiles, of which the last are not full.
  products(1000, 36, 1020),
  // Square tiles, of aligned and of other sizes.
  products(100, 36, 44),
  ...few,
  ...rows,
  ...kernelCases().filter(({ name }) => name.includes("130×401×270")),
  attentionCase({ B: 2, queries: 70, keys: 90, H: 4, K: 2, E: 64 }),
];

test.skipIf(noAdapter !== null)(`a row of a product of few rows has the same bits beside others${why}`, async () => {
  const device = await openHardwareShaders("f32");
  const [I, O] = [150, 37];
  const { x, w } = products(32, I, O).tensors;
  const results = await Promise.all(
    [1, 8, 21, 32].map(async (N) => {
      const [from, weights, out] = [
        device.allocate("f32", N * I),
        device.allocate(w.dtype, O * I),
        device.allocate("f32", N * O),
      ];
      device.write(from, x.data.slice(0, N * I));
      device.write(weights, w.data);
      device.kernels.matmul({ out, x: from, w: weights, residual: null, N, I, O });
      return device.read(out);
    }),
  );
  const all = [...results[3]];
  for (const rows of results) expect([...rows]).toEqual(all.slice(0, rows.length));
});

test.skipIf(noAdapter !== null)(`tiles of all sizes give the same bits${why}`, async () => {
  const [large, small] = [await openHardwareShaders("f32"), await openHardwareShaders("f32", { largeTiles: false })];
  const [N, I, O] = [1000, 36, 1020];
  const { x, w, plain } = products(N, I, O).tensors;
  const one: KernelCase = {
    name: "128 tall tiles",
    tensors: { x, w, plain },
    call: (k, b) => k.matmul({ out: b.plain, x: b.x, w: b.w, residual: null, N, I, O }),
  };
  expect(await runCase(small, one)).toEqual(await runCase(large, one));
});

test.skipIf(noAdapter !== null)(`work that is cut by time gives the same bits${why}`, async () => {
  const [whole, inParts] = [await openHardwareShaders("f32"), await openHardwareShaders("f32", { rate: 2e8 })];
  // A gradient of 300 rows, of which 128 may take a twentieth of a second, and of sums in three splits.
  const one = products(40, 2100, 300);
  expect(await runCase(inParts, one)).toEqual(await runCase(whole, one));
});

/** Errors against the oracle that are above the limit. */
async function disagreements(device: Device, some: readonly KernelCase[], limit: number): Promise<string[]> {
  const wrong: string[] = [];
  for (const one of some) {
    const oracle = createReferenceDevice("f64", device.facts.computeDType);
    const [results, expected] = [await runCase(device, one), await runCase(oracle, one)];
    for (const key of Object.keys(one.tensors)) {
      const error = normalizedError(results[key], expected[key]);
      if (!(error <= limit)) wrong.push(`${one.name}: ${key} ${error}`);
    }
  }
  return wrong;
}

test.skipIf(noAdapter !== null)(
  `shaders that software adapters do without agree with the oracle${why}`,
  async () => {
    const device = await openHardwareShaders("f32");
    expect(await disagreements(device, cases, 1e-12)).toEqual([]);
    expect(await disagreements(device, [...narrow, ...narrowRows], 1e-6)).toEqual([]);
  },
  minutes,
);

const { found } = await findAdapter();
const units = found && matrixUnits(found.adapter, "f16");
const noUnits = noAdapter ?? (units ? null : "the adapter has no units for small matrices of f16; Mesa 26 has them");
test.skipIf(noUnits !== null)(
  `products with units for small matrices agree with the oracle${noUnits === null ? "" : ` (skipped: ${noUnits})`}`,
  async () => {
    const device = await openHardwareShaders("f16");
    expect(device.facts.instructionSet).toContain("subgroup matrices");
    const some = [...kernelCases(), ...operandCases("f16")].filter(({ name }) => /^(matmul|gram)/.test(name));
    // Results in f16 may be the neighboring value.
    const large = [products(1000, 36, 1020, "f16"), products(100, 36, 44, "f16"), products(40, 1030, 36, "f16")];
    expect(await disagreements(device, [...large, ...some], 1e-6)).toEqual([]);
  },
  minutes,
);
