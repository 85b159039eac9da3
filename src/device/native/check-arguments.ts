/** Checks of kernel arguments: the addon believes what it is told, so a wrong length would write over other memory. */
import type { DType } from "../../tensor/dtype.js";
import { StrataError } from "../../errors/strata-error.js";
import type { DeviceBuffer } from "../kernels.js";
import { NativeBuffer, type BufferView } from "./native-buffer.js";

const floats: readonly DType[] = ["f32"];
const operands: readonly DType[] = ["f32", "bf16"];
const weights: readonly DType[] = ["f32", "bf16", "f16"];
const indices: readonly DType[] = ["i32"];

function fail(where: string, expected: string, got: string): never {
  throw new StrataError("DeviceError", {
    where,
    expected,
    got,
    hint: "The caller of this kernel passed a wrong size or buffer.",
  });
}

function check(
  kernel: string,
  name: string,
  buffer: DeviceBuffer,
  dtypes: readonly DType[],
  length: number,
): NativeBuffer {
  if (!(buffer instanceof NativeBuffer))
    fail(`${kernel} ${name}`, "a buffer of the native device", "one of another device");
  if (!dtypes.includes(buffer.dtype) || buffer.length < length) {
    fail(
      `${kernel} ${name}`,
      `${dtypes.join(" or ")} with ${length} elements`,
      `${buffer.dtype} with ${buffer.length}`,
    );
  }
  return buffer;
}

/** Sizes are positive integers. */
export function sizes(kernel: string, values: Readonly<Record<string, number>>): void {
  for (const name in values) {
    if (!(Number.isSafeInteger(values[name]) && values[name] > 0))
      fail(`${kernel} ${name}`, "a positive integer", String(values[name]));
  }
}

/** Activations: f32, or bf16 where they are operands of matrix products. */
export function operand(kernel: string, name: string, buffer: DeviceBuffer, length: number): NativeBuffer {
  return check(kernel, name, buffer, operands, length);
}

/** An operand that is written. */
export function operandOutput(kernel: string, name: string, buffer: DeviceBuffer, length: number): NativeBuffer {
  output(kernel, name, buffer, length, operands);
  return buffer as NativeBuffer;
}

/** f32 that is read; at least `length` elements. */
export function input(kernel: string, name: string, buffer: DeviceBuffer, length: number): BufferView {
  return check(kernel, name, buffer, floats, length).view;
}

/** Memory that is written: f32 unless said otherwise, and not mapped from a file. */
export function output(
  kernel: string,
  name: string,
  buffer: DeviceBuffer,
  length: number,
  dtypes = floats,
): BufferView {
  const checked = check(kernel, name, buffer, dtypes, length);
  if (checked.home === "file") fail(`${kernel} ${name}`, "memory that can be written", "a mapped file");
  return checked.view;
}

/** Weights: f32, bf16 or f16. */
export function weight(kernel: string, name: string, buffer: DeviceBuffer, length: number): NativeBuffer {
  return check(kernel, name, buffer, weights, length);
}

/** i32 with the first `length` of its values in [low, high). */
export function index(
  kernel: string,
  name: string,
  buffer: DeviceBuffer,
  length: number,
  low: number,
  high: number,
): Int32Array {
  const values = check(kernel, name, buffer, indices, length).view as Int32Array;
  for (let i = 0; i < length; i++) {
    if (values[i] < low || values[i] >= high)
      fail(`${kernel} ${name}[${i}]`, `an index from ${low} to ${high - 1}`, String(values[i]));
  }
  return values;
}

/** Two ranges of keys [first, end) within 0 … keys, none empty. */
export function visibleRanges(
  kernel: string,
  first: DeviceBuffer,
  end: DeviceBuffer,
  rows: number,
  keys: number,
): [Int32Array, Int32Array] {
  const firstView = index(kernel, "visible.first", first, rows, 0, keys);
  const endView = index(kernel, "visible.end", end, rows, 1, keys + 1);
  for (let i = 0; i < rows; i++) {
    if (firstView[i] >= endView[i])
      fail(`${kernel} visible[${i}]`, "at least one key", `keys from ${firstView[i]} to ${endView[i]}`);
  }
  return [firstView, endView];
}

export { fail };
