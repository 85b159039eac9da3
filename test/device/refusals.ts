/** Calls that every device refuses, with their complete messages. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Device } from "../../src/device/kernels.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { temporaryFolder } from "../temporary-folder.js";
import { messageOf } from "./message-of.js";

interface Refusal {
  readonly name: string;
  readonly run: (device: Device) => void;
}

function expectRefusal(action: () => unknown, message: string): void {
  expect(messageOf(action)).toBe(`DeviceError: ${message}\n  The caller of this kernel passed a wrong size or buffer.`);
}

function wrongSizes(device: Device): void {
  const f32 = (length: number) => device.allocate("f32", length);
  const { kernels } = device;
  const product = { residual: null, N: 2, I: 3, O: 2 };
  expectRefusal(
    () => kernels.matmul({ out: f32(6), x: f32(6), w: f32(5), ...product }),
    "matmul w — expected f32 or bf16 or f16 with 6 elements, got f32 with 5.",
  );
  expectRefusal(
    () => kernels.matmul({ out: f32(6), x: f32(6), w: f32(6), ...product, N: 0 }),
    "matmul N — expected a positive integer, got 0.",
  );
  const [out, x, w] = [f32(4), f32(6), f32(6)];
  expectRefusal(
    () => kernels.matmul({ out, x, w, ...product, sameX: true }),
    "matmul sameX — expected the x of its previous call, 2 × 3, got its first call.",
  );
  kernels.matmul({ out, x, w, ...product });
  expectRefusal(
    () => kernels.matmul({ out, x: x.slice(0, 3), w, ...product, N: 1, sameX: true }),
    "matmul sameX — expected the x of its previous call, 1 × 3, got another one.",
  );
  expectRefusal(
    () => kernels.adamW({ weight: f32(2), gradient: f32(2), m: f32(3), v: f32(2), ...adamW }),
    "adamW m — expected buffers of 2 elements, got one of 3.",
  );
  expectRefusal(
    () => kernels.gram({ out: f32(8), x: f32(6), ofColumns: true, N: 2, I: 3 }),
    "gram out — expected f32 with 9 elements, got f32 with 8.",
  );
  expectRefusal(
    () => kernels.momentumStep({ gradient: f32(2), m: f32(3), momentum: 0.9, nesterov: true, gradientScale: 1 }),
    "momentumStep gradient — expected f32 with 3 elements, got f32 with 2.",
  );
  expectRefusal(
    () => kernels.normalize({ out: f32(2), x: f32(3), squares: device.allocate("f64", 1), index: 0, epsilon: 1 }),
    "normalize out — expected f32 or bf16 with 3 elements, got f32 with 2.",
  );
  expectRefusal(
    () => kernels.normalize({ out: f32(2), x: f32(2), squares: device.allocate("f64", 1), index: 1, epsilon: 1 }),
    "normalize squares — expected f64 with 2 elements, got f64 with 1.",
  );
  expectRefusal(
    () => kernels.blend({ out: f32(2), x: f32(1), keep: 1, add: 1 }),
    "blend x — expected f32 or bf16 with 2 elements, got f32 with 1.",
  );
  const quintic = { a: 3, b: -4, c: 2, iterations: 5, epsilon: 1e-7 };
  expectRefusal(
    () => kernels.orthogonalize({ out: f32(6), x: f32(6), blockRows: 65, rows: 2, columns: 3, ...quintic }),
    "orthogonalize blockRows — expected at most 64, got 65.",
  );
  expectRefusal(
    () => kernels.orthogonalize({ out: f32(5), x: f32(6), blockRows: 2, rows: 2, columns: 3, ...quintic }),
    "orthogonalize out — expected f32 with 6 elements, got f32 with 5.",
  );
  expectRefusal(
    () => kernels.squaredNorm({ out: device.allocate("f64", 1), index: -1, x: f32(1) }),
    "squaredNorm index — expected an index of out, got -1.",
  );
}

const adamW = {
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0,
  step: 1,
  gradientScale: 1,
};

function wrongDtypes(device: Device): void {
  const f32 = (length: number) => device.allocate("f32", length);
  const { kernels } = device;
  expectRefusal(
    () => kernels.swiglu({ out: f32(4), gate: device.allocate("f16", 4), up: f32(4), length: 4 }),
    "swiglu gate — expected f32 or bf16 with 4 elements, got f16 with 4.",
  );
  const product = { dx: device.allocate("bf16", 6), dy: f32(4), w: f32(6), accumulate: true, N: 2, I: 3, O: 2 };
  expectRefusal(
    () => kernels.matmulInputGradient(product),
    "matmulInputGradient dx — expected f32 when accumulating, got bf16.",
  );
  expectRefusal(
    () => kernels.copy({ out: device.allocate("i32", 4), x: f32(4) }),
    "copy out — expected f32 or bf16 or f16 with 4 elements, got i32 with 4.",
  );
}

function headGradientAlone(device: Device): void {
  const f32 = (length: number) => device.allocate("f32", length);
  const targets = device.allocate("i32", 1);
  const head = { losses: f32(1), best: null, dx: null, dw: f32(4), x: f32(2), w: f32(4), targets, scale: 1 };
  expectRefusal(
    () => device.kernels.headLoss({ ...head, N: 1, D: 2, V: 2 }),
    "headLoss dx — expected a buffer when dw is given, got null.",
  );
}

function indexOutside(device: Device): void {
  const [out, table, ids] = [device.allocate("f32", 4), device.allocate("f32", 10), device.allocate("i32", 2)];
  device.write(ids, Int32Array.of(1, 7));
  expectRefusal(
    () => device.kernels.embed({ out, table, ids, N: 2, D: 2 }),
    "embed ids[1] — expected an index from 0 to 4, got 7.",
  );
}

function noVisibleKey(device: Device): void {
  const f32 = (length: number) => device.allocate("f32", length);
  const [first, end] = [device.allocate("i32", 2), device.allocate("i32", 2)];
  device.write(first, Int32Array.of(0, 1));
  device.write(end, Int32Array.of(1, 1));
  const shape = { B: 1, queries: 2, keys: 2, H: 1, K: 1, E: 2 };
  const [out, q, k, v] = [f32(4), f32(4), f32(4), f32(4)];
  expectRefusal(
    () => device.kernels.attention({ out, logSumExp: null, q, k, v, visible: { first, end }, shape }),
    "attention visible[1] — expected at least one key, got keys from 1 to 1.",
  );
}

function writingToFile(device: Device): void {
  const path = join(temporaryFolder(), "read-only.bin");
  writeFileSync(path, Buffer.alloc(16));
  const mapped = device.map(path, 0, 4, "f32");
  const message = "expected writable memory, got a mapped file.";
  expectRefusal(() => device.kernels.fill({ buffer: mapped, value: 0 }), `fill buffer — ${message}`);
  expectRefusal(() => device.write(mapped.slice(1, 2), Float32Array.of(1)), `write buffer — ${message}`);
}

function otherDevice(device: Device): void {
  const [x, foreign] = [device.allocate("f32", 4), createReferenceDevice("f32").allocate("f32", 4)];
  const message = `expected a buffer of the ${device.facts.device} device, got one of another device.`;
  expectRefusal(() => device.kernels.copy({ out: x, x: foreign }), `copy x — ${message}`);
  expectRefusal(() => device.kernels.swiglu({ out: foreign, gate: x, up: x, length: 4 }), `swiglu out — ${message}`);
  for (const method of ["release", "free"] as const)
    expectRefusal(() => device[method](foreign), `${method} buffer — ${message}`);
}

function freedBuffers(device: Device): void {
  const [x, out] = [device.allocate("f32", 4), device.allocate("f32", 4)];
  const part = x.slice(1, 2);
  expectRefusal(() => device.free(part), "free buffer — expected a whole buffer, got a slice of one.");
  device.free(x);
  const message = "expected a buffer in use, got one that was freed.";
  expectRefusal(() => device.kernels.copy({ out, x }), `copy x — ${message}`);
  expectRefusal(() => device.kernels.fill({ buffer: part, value: 1 }), `fill buffer — ${message}`);
  expectRefusal(() => device.write(part, Float32Array.of(1)), `write buffer — ${message}`);
  expectRefusal(() => x.slice(0, 1), `slice of a buffer — ${message}`);
  expectRefusal(() => device.free(x), `free buffer — ${message}`);
}

export const refusals: readonly Refusal[] = [
  { name: "wrong sizes", run: wrongSizes },
  { name: "wrong dtypes", run: wrongDtypes },
  { name: "the gradient of a head without that of its input", run: headGradientAlone },
  { name: "an index outside", run: indexOutside },
  { name: "a row that attends to no key", run: noVisibleKey },
  { name: "to write into a mapped file", run: writingToFile },
  { name: "a buffer of another device", run: otherDevice },
  { name: "a freed buffer", run: freedBuffers },
];
