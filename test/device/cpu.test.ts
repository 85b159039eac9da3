import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deviceReport, openDevice } from "../../src/device/open-device.js";
import { createCpuDevice } from "../../src/device/cpu/cpu-device.js";
import { encodeFloats, type DType } from "../../src/tensor/dtype.js";
import { temporaryFolder } from "../temporary-folder.js";
import { normal } from "./case-tensors.js";
import { largeCases } from "./large-cases.js";
import { testedSets } from "./instruction-sets.js";
import { messageOf } from "./message-of.js";
import { runCase } from "./run-case.js";

const cpu = (await deviceReport()).find(({ name }) => name === "cpu");
const folder = temporaryFolder();

describe.skipIf(!cpu?.available)(`the cpu device (skipped: ${cpu?.reason})`, () => {
  // Of the emulated sets, only that with tiles divides work in another way.
  for (const { name, emulated, label, reason } of testedSets.filter((set) => !set.emulated || set.name === "amx")) {
    const instructionSet = { name, emulated };
    test.skipIf(reason !== null)(
      `gives the same bytes with 1${emulated ? "" : ", 2, 3"} and 4 threads (${label})`,
      async () => {
        for (const one of largeCases) {
          for (const computeDType of ["f32", "bf16"] as const) {
            const alone = await runCase(createCpuDevice({ threads: 1, instructionSet, computeDType }), one);
            for (const threads of emulated ? [4] : [2, 3, 4]) {
              const shared = await runCase(createCpuDevice({ threads, instructionSet, computeDType }), one);
              for (const key in alone) {
                const same = Buffer.from(bytesOf(alone[key])).equals(bytesOf(shared[key]));
                expect(same, `${one.name} ${key} with ${threads} threads, ${computeDType}`).toBe(true);
              }
            }
          }
        }
      },
    );
  }

  // Rows that are packed in one step and in several; more columns than are packed in one step.
  test.each([
    [40, 33, 33, 4100],
    [1700, 40, 20, 17],
    [2000, 33, 9, 21],
    [40, 1200, 18, 31],
  ])("products that share x of %i × %i give the bytes of products that do not", async (N, I, O, P) => {
    for (const { name, emulated, reason } of testedSets) {
      if (reason !== null) continue;
      for (const computeDType of ["f32", "bf16"] as const) {
        const device = createCpuDevice({ threads: 2, instructionSet: { name, emulated }, computeDType });
        const { kernels } = device;
        const filled = (salt: string, length: number, dtype: DType = "f32") => {
          const buffer = device.allocate(dtype, length);
          device.write(buffer, normal(salt, length).data);
          return buffer;
        };
        const x = filled("x", N * I, computeDType);
        const rows = [O, P].map((size) => ({
          size,
          w: filled(`w${size}`, size * I),
          dy: filled(`dy${size}`, N * size),
        }));
        const results = async (shares: boolean) => {
          const buffers = rows.map(({ size, w }, at) => {
            const out = device.allocate("f32", N * size);
            kernels.matmul({ out, x, w, residual: null, sameX: shares && at > 0, N, I, O: size });
            return out;
          });
          // A product of its own between the two kernels.
          kernels.gram({ out: device.allocate("f32", I * I), x, ofColumns: true, N, I });
          const gradients = rows.map(({ size, dy }, at) => {
            const dw = device.allocate("f32", size * I);
            kernels.matmulWeightGradient({ dw, dy, x, sameX: shares && at > 0, N, I, O: size });
            return dw;
          });
          const read = await Promise.all([...buffers, ...gradients].map((buffer) => device.read(buffer)));
          return Buffer.concat(read.map(bytesOf)).toString("base64");
        };
        const before = await results(true);
        expect(before === (await results(false)), `${name} ${computeDType}`).toBe(true);
        // Without the mark, other values in the same buffer are read.
        device.write(x, normal("other", N * I).data);
        const after = await results(true);
        expect(after === before, `${name} ${computeDType}`).toBe(false);
        expect(after === (await results(false)), `${name} ${computeDType}`).toBe(true);
      }
    }
  });

  // Whole words and whole blocks of tiles or not; rows a page apart; more than one block of k; rows beside whole tiles.
  test.each([
    [45, 64, 50],
    [33, 34, 20],
    [224, 35, 9],
    [64, 96, 33],
    [40, 2048, 9],
    [47, 2112, 33],
  ])("products of %i × %i read rows in place with the bytes of rows that are packed", async (N, I, O) => {
    for (const { name, emulated, reason } of testedSets) {
      if (reason !== null) continue;
      for (const computeDType of ["f32", "bf16"] as const) {
        const device = createCpuDevice({ threads: 2, instructionSet: { name, emulated }, computeDType });
        const { kernels } = device;
        const filled = (dtype: DType, values: Float32Array) => {
          const buffer = device.allocate(dtype, values.length);
          device.write(buffer, values);
          return buffer;
        };
        const values = normal("x", N * I, "bf16").data as Float32Array;
        // NaN beside the rows would show in a sum.
        const fenced = Float32Array.from({ length: N * I + 64 }, (_, i) => values[i - 32] ?? NaN);
        const [w, wBack] = ["w", "back"].map((salt) => filled("f32", normal(salt, O * I).data as Float32Array));
        const results = async (dtype: DType) => {
          const x = filled(dtype, fenced).slice(32, 32 + N * I);
          const [out, dx] = [computeDType, "f32" as const].map((result) => device.allocate(result, N * O));
          kernels.matmul({ out, x, w, residual: null, N, I, O });
          kernels.matmulInputGradient({ dx, dy: x, w: wBack, accumulate: false, N, I: O, O: I });
          return Promise.all([device.read(out), device.read(dx)]);
        };
        const [wide, narrow] = [await results("f32"), await results("bf16")];
        expect(wide, `${name} ${computeDType}`).toEqual(narrow);
        expect(wide.every((result) => result.every(Number.isFinite))).toBe(true);
      }
    }
  });

  test("a product shares x with the one before also if another kernel has used its memory", async () => {
    const device = createCpuDevice({ threads: 2, computeDType: "f32" });
    const { kernels } = device;
    const [N, I, O] = [64, 64, 40];
    const [x, w, block] = [N * I, O * I, 64 * 64].map((length, at) => {
      const buffer = device.allocate("f32", length);
      device.write(buffer, normal(String(at), length).data);
      return buffer;
    });
    const [first, second, out] = [N * O, N * O, 64 * 64].map((length) => device.allocate("f32", length));
    kernels.matmul({ out: first, x, w, residual: null, N, I, O });
    const size = { blockRows: 64, rows: 64, columns: 64 };
    kernels.orthogonalize({ out, x: block, a: 3, b: -4, c: 2, iterations: 2, epsilon: 1e-7, ...size });
    kernels.matmul({ out: second, x, w, residual: null, sameX: true, N, I, O });
    expect(await device.read(second)).toEqual(await device.read(first));
  });

  test.each<DType>(["f32", "bf16", "f16"])(
    "computes with %s weights mapped at an odd byte of a file",
    async (dtype) => {
      const device = createCpuDevice({ threads: 2, computeDType: "f32" });
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
          device.kernels.copy({ out: copied, x: mapped });
          const [fromFile, fromMemory] = [device.allocate("f32", rows * 33), device.allocate("f32", rows * 33)];
          device.kernels.matmul({ out: fromFile, x, w: mapped, residual: null, N: rows, I: 17, O: 33 });
          device.kernels.matmul({ out: fromMemory, x, w: copied, residual: null, N: rows, I: 17, O: 33 });
          expect(await device.read(fromFile)).toEqual(await device.read(fromMemory));
        }
      }
    },
  );

  test("runs every task of 30 000 short calls exactly once", async () => {
    const device = createCpuDevice({ threads: 4, computeDType: "f32" });
    const width = 64 * 40;
    const [table, row, ids] = [device.allocate("f32", width), device.allocate("f32", width), device.allocate("i32", 1)];
    device.kernels.fill({ buffer: row, value: 1 });
    const expected = new Float32Array(width);
    for (let call = 0; call < 30_000; call++) {
      // Each block of 64 columns is a task.
      const tasks = 1 + ((call * 7) % 40);
      device.kernels.embedBackward({ dTable: table, dOut: row, ids, N: 1, D: 64 * tasks });
      for (let task = 0; task < tasks; task++) expected[64 * task]++;
    }
    const counts = await device.read(table);
    expect(counts.filter((_, i) => i % 64 === 0)).toEqual(expected.filter((_, i) => i % 64 === 0));
  });

  test("carries NaN and infinity through", async () => {
    const device = createCpuDevice({ threads: 1, computeDType: "f32" });
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
      kernels.swiglu({ out, gate: x, up: x, length: 40 });
    expect(await value(gated, NaN)).toBeNaN();
    expect(await value(gated, Infinity)).toBe(Infinity);
    expect(await value((out, x) => kernels.matmul({ out, x, w: x, residual: null, N: 20, I: 2, O: 2 }), NaN)).toBeNaN();
    expect(
      await value(
        (out, x) =>
          kernels.headLoss({
            losses: out,
            best: null,
            dx: null,
            dw: null,
            x,
            w: x,
            targets: device.allocate("i32", 1),
            scale: 1,
            N: 1,
            D: 4,
            V: 10,
          }),
        NaN,
      ),
    ).toBeNaN();
    for (const dtype of ["bf16", "f16"] as const) {
      for (const special of [NaN, Infinity, -Infinity]) {
        const narrow = device.allocate(dtype, 40);
        expect(
          await value((out, x) => {
            kernels.copy({ out: narrow, x });
            kernels.copy({ out, x: narrow });
          }, special),
        ).toBe(special);
      }
    }
  });

  test("refuses unknown names of instruction sets and devices", async () => {
    const names = cpu?.instructionSets
      .filter(({ available }) => available)
      .map(({ name }) => name)
      .join(", ");
    expect(
      messageOf(() => createCpuDevice({ threads: 1, instructionSet: { name: "avx9" }, computeDType: "f32" })),
    ).toBe(
      `DeviceError: cpu device instruction set avx9 — expected one of ${names}, got an unknown name.\n` +
        "  Omit it to use the fastest.",
    );
    expect(await openDevice("gpu" as "auto", 1, "f32").catch(String)).toBe(
      'DeviceError: device — expected auto, cpu, webgpu or reference, got "gpu".\n' +
        "  Use auto unless you want to compare devices.",
    );
    expect(await openDevice("native" as "auto", 1, "f32").catch(String)).toBe(
      'DeviceError: device — expected auto, cpu, webgpu or reference, got "native".\n  "native" was renamed to "cpu".',
    );
  });

  test("is what auto opens", async () => {
    expect((await openDevice("auto", 2, "f32")).facts).toEqual({
      device: "cpu",
      threads: 2,
      computeDType: "f32",
      instructionSet: cpu?.instructionSets.find(({ available }) => available)?.name,
      emulated: false,
    });
  });
});

function bytesOf(values: Float32Array | Float64Array | Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
