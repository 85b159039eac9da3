/** Checks of kernel arguments. A raw device trusts them: a wrong length would corrupt memory. */
import type { DType } from "../tensor/dtype.js";
import { StrataError } from "../errors/strata-error.js";
import type { DeviceBuffer, RawDevice } from "./kernels.js";

const f32: readonly DType[] = ["f32"];
const i32: readonly DType[] = ["i32"];
export const weights: readonly DType[] = ["f32", "bf16", "f16"];

export function fail(where: string, expected: string, got: string): never {
  throw new StrataError("DeviceError", {
    where,
    expected,
    got,
    hint: "The caller of this kernel passed a wrong size or buffer.",
  });
}

/** Checks that sizes are positive integers. */
export function sizes(kernel: string, values: Readonly<Record<string, number>>): void {
  for (const name in values) {
    if (!(Number.isSafeInteger(values[name]) && values[name] > 0))
      fail(`${kernel} ${name}`, "a positive integer", String(values[name]));
  }
}

/** @throws StrataError unless the slice is inside a buffer that is in use */
export function checkSlice(buffer: DeviceBuffer, offset: number, length: number): void {
  if (buffer.memory.isFreed) fail("slice of a buffer", "a buffer in use", "one that was freed");
  const whole = Number.isInteger(offset) && Number.isInteger(length);
  if (whole && offset >= 0 && length > 0 && offset + length <= buffer.length) return;
  throw new StrataError("DeviceError", {
    where: "slice of a buffer",
    expected: `a range within its ${buffer.length} elements`,
    got: `${length} elements from ${offset}`,
    hint: "Ask for fewer elements.",
  });
}

/** Checks of the buffers of one device. Methods ending in `OrNull` also accept null. */
export class ArgumentChecks {
  /** Dtypes of activations: f32, or a narrow one for operands of matrix products. */
  readonly operands: readonly DType[];
  /** By kernel: the x of its last call. */
  private readonly previous = new Map<string, { readonly x: DeviceBuffer; readonly N: number; readonly I: number }>();

  constructor(
    private readonly device: Pick<RawDevice, "facts" | "peek">,
    /** Token that marks the device's memory. */
    private readonly owner: object,
  ) {
    this.operands = ["f32", device.facts.computeDType === "f16" ? "f16" : "bf16"];
  }

  /** Checks that a buffer belongs to this device and is not freed. */
  owned(kernel: string, name: string, buffer: DeviceBuffer): void {
    if (buffer.memory?.owner !== this.owner)
      fail(`${kernel} ${name}`, `a buffer of the ${this.device.facts.device} device`, "one of another device");
    if (buffer.memory.isFreed) fail(`${kernel} ${name}`, "a buffer in use", "one that was freed");
  }

  /** Checks that x [N,I] is that of the kernel's previous call if the caller says so; its values are not checked. */
  sameX(kernel: string, sameX: boolean | undefined, x: DeviceBuffer, N: number, I: number): void {
    const before = this.previous.get(kernel);
    if (sameX && !(before?.x === x && before.N === N && before.I === I))
      fail(`${kernel} sameX`, `the x of its previous call, ${N} × ${I}`, before ? "another one" : "its first call");
    this.previous.set(kernel, { x, N, I });
  }

  /** Checks a buffer that a kernel reads: at least `length` elements of one of `dtypes`. */
  input(kernel: string, name: string, buffer: DeviceBuffer, length: number, dtypes = f32): void {
    this.owned(kernel, name, buffer);
    if (dtypes.includes(buffer.dtype) && buffer.length >= length) return;
    const expected = `${dtypes.join(" or ")} with ${length} elements`;
    fail(`${kernel} ${name}`, expected, `${buffer.dtype} with ${buffer.length}`);
  }

  inputOrNull(kernel: string, name: string, buffer: DeviceBuffer | null, length: number): void {
    if (buffer !== null) this.input(kernel, name, buffer, length);
  }

  /** Checks a buffer that a kernel writes: as `input`, and not mapped from a file. */
  output(kernel: string, name: string, buffer: DeviceBuffer, length: number, dtypes = f32): void {
    this.input(kernel, name, buffer, length, dtypes);
    if (buffer.memory.home === "file") fail(`${kernel} ${name}`, "writable memory", "a mapped file");
  }

  outputOrNull(kernel: string, name: string, buffer: DeviceBuffer | null, length: number, dtypes = f32): void {
    if (buffer !== null) this.output(kernel, name, buffer, length, dtypes);
  }

  /** Checks i32 indices: the first `length` values are in [low, high). Skips values that the device does not `peek`. */
  index(kernel: string, name: string, buffer: DeviceBuffer, length: number, low: number, high: number): void {
    this.input(kernel, name, buffer, length, i32);
    const values = this.device.peek(buffer);
    if (values === null) return;
    for (let i = 0; i < length; i++) {
      if (values[i] < low || values[i] >= high)
        fail(`${kernel} ${name}[${i}]`, `an index from ${low} to ${high - 1}`, String(values[i]));
    }
  }

  /** Checks that each row's range of keys [first, end) is inside 0 … keys and not empty. */
  visibleRanges(kernel: string, first: DeviceBuffer, end: DeviceBuffer, rows: number, keys: number): void {
    this.index(kernel, "visible.first", first, rows, 0, keys);
    this.index(kernel, "visible.end", end, rows, 1, keys + 1);
    const [firsts, ends] = [this.device.peek(first), this.device.peek(end)];
    if (firsts === null || ends === null) return;
    for (let i = 0; i < rows; i++) {
      if (firsts[i] >= ends[i])
        fail(`${kernel} visible[${i}]`, "at least one key", `keys from ${firsts[i]} to ${ends[i]}`);
    }
  }
}
