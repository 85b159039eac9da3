import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deviceReport, openDevice } from "../../src/device/open-device.js";
import { createNativeDevice } from "../../src/device/native/native-device.js";
import { encodeFloats, type DType } from "../../src/tensor/dtype.js";
import { temporaryFolder } from "../temporary-folder.js";
import { attentionCase, headCase, kernelCases, normal, operandCases, zeros, type KernelCase } from "./kernel-cases.js";
import { runCase } from "./run-case.js";

const native = deviceReport().find(({ name }) => name === "native");
const folder = temporaryFolder();

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return "no error";
}

/** Large enough that every thread gets work in every kernel. */
const [N, I, O] = [515, 390, 530];
const largeCases: readonly KernelCase[] = [
  {
    name: "products",
    tensors: {
      x: normal("x", N * I),
      w: normal("w", O * I, "bf16"),
      dy: normal("dy", N * O),
      y: zeros(N * O),
      dx: zeros(N * I),
      dw: normal("dw", O * I),
      few: zeros(9 * O),
      rstd: zeros(N),
      weight: normal("weight", I),
      dWeight: normal("dWeight", I),
    },
    call(k, b) {
      k.matmul(b.y, b.x, b.w, null, N, I, O);
      k.matmul(b.few, b.x, b.w, null, 9, I, O);
      k.matmulInputGradient(b.dx, b.dy, b.w, false, N, I, O);
      k.matmulWeightGradient(b.dw, b.dy, b.x, N, I, O);
      k.rmsNorm(b.x, b.rstd, b.x, b.weight, 1e-5, N, I);
      k.rmsNormBackward(b.dx, b.dWeight, b.dx, b.x, b.weight, b.rstd, null, N, I);
    },
  },
  attentionCase({ B: 2, queries: 200, keys: 210, H: 4, K: 2, E: 16 }),
  attentionCase({ B: 1, queries: 300, keys: 310, H: 4, K: 1, E: 64 }),
  attentionCase({ B: 3, queries: 1, keys: 300, H: 8, K: 2, E: 64 }),
  headCase(570, 33, 601, "f32"),
  ...operandCases().filter(({ name }) => name.includes("130")),
  ...kernelCases().filter(({ name }) => name.includes("20001")),
];

describe.skipIf(!native?.available)(`the native device (skipped: ${native?.reason})`, () => {
  for (const { name: instructionSet, available } of native?.instructionSets ?? []) {
    test.skipIf(!available)(`gives the same bytes with 1, 2, 3 and 4 threads (${instructionSet})`, async () => {
      for (const one of largeCases) {
        for (const products of ["f32", "bf16"] as const) {
          const alone = await runCase(createNativeDevice({ threads: 1, instructionSet, products }), one);
          for (const threads of [2, 3, 4]) {
            const shared = await runCase(createNativeDevice({ threads, instructionSet, products }), one);
            for (const key in alone) {
              const same = Buffer.from(bytesOf(alone[key])).equals(bytesOf(shared[key]));
              expect(same, `${one.name} ${key} with ${threads} threads, ${products}`).toBe(true);
            }
          }
        }
      }
    });
  }

  test.each<DType>(["f32", "bf16", "f16"])(
    "computes with %s weights mapped at an odd byte of a file",
    async (dtype) => {
      const device = createNativeDevice({ threads: 2, products: "f32" });
      const { data } = normal("mapped", 33 * 17, dtype);
      const path = join(folder, `${dtype}.bin`);
      for (const offset of [8, 4097]) {
        writeFileSync(path, Buffer.concat([Buffer.alloc(offset), encodeFloats(data as Float32Array, dtype)]));
        const mapped = device.map(path, offset, data.length, dtype);
        expect(await device.read(mapped)).toEqual(data);
        expect(await device.read(mapped.slice(17, 34))).toEqual(data.slice(17, 51));
        for (const rows of [2, 20]) {
          const x = device.allocate("f32", rows * 17);
          device.write(x, normal("x", rows * 17).data);
          const copied = device.allocate("f32", data.length);
          device.kernels.copy(copied, mapped);
          const [fromFile, fromMemory] = [device.allocate("f32", rows * 33), device.allocate("f32", rows * 33)];
          device.kernels.matmul(fromFile, x, mapped, null, rows, 17, 33);
          device.kernels.matmul(fromMemory, x, copied, null, rows, 17, 33);
          expect(await device.read(fromFile)).toEqual(await device.read(fromMemory));
        }
      }
    },
  );

  test("runs every task of 30 000 short calls exactly once", async () => {
    const device = createNativeDevice({ threads: 4, products: "f32" });
    const width = 64 * 40;
    const [table, row, ids] = [device.allocate("f32", width), device.allocate("f32", width), device.allocate("i32", 1)];
    device.kernels.fill(row, 1);
    const expected = new Float32Array(width);
    for (let call = 0; call < 30_000; call++) {
      // Each block of 64 columns is a task.
      const tasks = 1 + ((call * 7) % 40);
      device.kernels.embedBackward(table, row, ids, 1, 64 * tasks);
      for (let task = 0; task < tasks; task++) expected[64 * task]++;
    }
    const counts = await device.read(table);
    expect(counts.filter((_, i) => i % 64 === 0)).toEqual(expected.filter((_, i) => i % 64 === 0));
  });

  test("carries NaN and infinity through", async () => {
    const device = createNativeDevice({ threads: 1, products: "f32" });
    const value = async (
      run: (out: ReturnType<typeof device.allocate>, x: ReturnType<typeof device.allocate>) => void,
      x: number,
    ) => {
      const [out, input] = [device.allocate("f32", 40), device.allocate("f32", 40)];
      device.write(input, new Float32Array(40).fill(1));
      device.write(input, Float32Array.of(x));
      run(out, input);
      return (await device.read(out))[0];
    };
    const { kernels } = device;
    const gated = (out: ReturnType<typeof device.allocate>, x: ReturnType<typeof device.allocate>) =>
      kernels.swiglu(out, x, x, 40);
    expect(await value(gated, NaN)).toBeNaN();
    expect(await value(gated, Infinity)).toBe(Infinity);
    expect(await value((out, x) => kernels.matmul(out, x, x, null, 20, 2, 2), NaN)).toBeNaN();
    expect(
      await value(
        (out, x) => kernels.headLoss(out, null, null, null, x, x, device.allocate("i32", 1), 1, 1, 4, 10),
        NaN,
      ),
    ).toBeNaN();
    for (const dtype of ["bf16", "f16"] as const) {
      for (const special of [NaN, Infinity, -Infinity]) {
        const narrow = device.allocate(dtype, 40);
        expect(
          await value((out, x) => {
            kernels.copy(narrow, x);
            kernels.copy(out, narrow);
          }, special),
        ).toBe(special);
      }
    }
  });

  test("refuses a wrong length, a wrong dtype, an index outside and a mapped output, naming the kernel", () => {
    const device = createNativeDevice({ threads: 1, products: "f32" });
    const f32 = (length: number) => device.allocate("f32", length);
    const hint = "\n  The caller of this kernel passed a wrong size or buffer.";
    const { kernels } = device;
    expect(messageOf(() => kernels.matmul(f32(6), f32(6), f32(5), null, 2, 3, 2))).toBe(
      `DeviceError: matmul w — expected f32 or bf16 or f16 with 6 elements, got f32 with 5.${hint}`,
    );
    expect(messageOf(() => kernels.swiglu(f32(4), device.allocate("f16", 4), f32(4), 4))).toBe(
      `DeviceError: swiglu gate — expected f32 or bf16 with 4 elements, got f16 with 4.${hint}`,
    );
    expect(
      messageOf(() => kernels.matmulInputGradient(device.allocate("bf16", 6), f32(4), f32(6), true, 2, 3, 2)),
    ).toBe(`DeviceError: matmulInputGradient dx — expected f32 where it accumulates, got bf16.${hint}`);
    const ids = device.allocate("i32", 2);
    device.write(ids, Int32Array.of(1, 7));
    expect(messageOf(() => kernels.embed(f32(4), f32(10), ids, 2, 2))).toBe(
      `DeviceError: embed ids[1] — expected an index from 0 to 4, got 7.${hint}`,
    );
    const path = join(folder, "read-only.bin");
    writeFileSync(path, Buffer.alloc(16));
    expect(messageOf(() => kernels.fill(device.map(path, 0, 4, "f32"), 0))).toBe(
      `DeviceError: fill buffer — expected memory that can be written, got a mapped file.${hint}`,
    );
    expect(messageOf(() => device.map(path, 8, 4, "f32"))).toBe(
      `DeviceError: ${path} — expected 4 elements of f32 from byte 8, got a file of 16 bytes.\n` +
        "  The file is shorter than its header says: copy or download it again.",
    );
  });

  test("refuses an instruction set that does not exist and a name of no device", () => {
    const names = native?.instructionSets
      .filter(({ available }) => available)
      .map(({ name }) => name)
      .join(", ");
    expect(messageOf(() => createNativeDevice({ threads: 1, instructionSet: "avx9", products: "f32" }))).toBe(
      `DeviceError: native device instruction set avx9 — expected one of ${names}, got a name that ` +
        "does not exist.\n  Leave it out to take the fastest.",
    );
    expect(messageOf(() => openDevice("gpu" as "auto", 1, "f32"))).toBe(
      'DeviceError: device — expected auto, native or reference, got "gpu".\n' +
        "  Use auto unless you want to compare devices.",
    );
  });

  test("is what auto opens", () => {
    expect(openDevice("auto", 2, "f32").facts).toEqual({
      device: "native",
      threads: 2,
      products: "f32",
      instructionSet: native?.instructionSets.find(({ available }) => available)?.name,
    });
  });
});

function bytesOf(values: Float32Array | Float64Array | Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
