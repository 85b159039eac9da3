import { openRanges } from "../../files/number-file.js";
import { bytesPerElement, decodeFloats, encodeFloats, type DType, type FloatArray } from "../../tensor/dtype.js";
import type { CommandQueue } from "./command-queue.js";
import type { GpuBuffer } from "./gpu-buffer.js";
import { bufferUsage, mapForReading } from "./gpu-constants.js";
import { cannotAllocate } from "./gpu-memory.js";

/** The bytes of `data` as elements of a dtype. An f64 is two f32 whose sum is the value to 48 bits. */
export function encode(data: FloatArray | Int32Array, dtype: DType): Uint8Array {
  if (dtype === "i32") return bytesOf(data instanceof Int32Array ? data : Int32Array.from(data));
  if (dtype === "f64") return bytesOf(splitDoubles(data));
  const floats = data instanceof Float32Array ? data : Float32Array.from(data as Float64Array);
  return encodeFloats(floats, dtype);
}

function bytesOf(data: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function splitDoubles(data: FloatArray | Int32Array): Float32Array {
  const pairs = new Float32Array(2 * data.length);
  for (let i = 0; i < data.length; i++) {
    pairs[2 * i] = data[i];
    pairs[2 * i + 1] = Number.isFinite(pairs[2 * i]) ? data[i] - pairs[2 * i] : 0;
  }
  return pairs;
}

function decode(bytes: Uint8Array, dtype: DType): FloatArray | Int32Array {
  if (dtype === "i32") return new Int32Array(bytes.slice().buffer);
  if (dtype !== "f64") return decodeFloats(bytes, dtype);
  const pairs = new Float32Array(bytes.slice().buffer);
  return Float64Array.from({ length: pairs.length / 2 }, (_, i) => pairs[2 * i] + pairs[2 * i + 1]);
}

/** Bytes that are copied to the GPU at once. */
const chunkBytes = 16 * 2 ** 20;

/** Copies aligned bytes into an allocation, after the calls so far. @param at  byte, a multiple of 4 */
export function writeBytes(queue: CommandQueue, buffer: GPUBuffer, at: number, bytes: Uint8Array): void {
  queue.flush();
  for (let from = 0; from < bytes.length; from += chunkBytes) {
    const part = bytes.subarray(from, Math.min(bytes.length, from + chunkBytes));
    const whole = part.length - (part.length % 4);
    if (whole > 0) queue.device.queue.writeBuffer(buffer, at + from, part as Uint8Array<ArrayBuffer>, 0, whole);
    if (whole === part.length) continue;
    const rest = new Uint8Array(4);
    rest.set(part.subarray(whole));
    queue.device.queue.writeBuffer(buffer, at + from + whole, rest);
  }
}

/** Copies elements of a file into an allocation. */
export function writeFile(
  queue: CommandQueue,
  buffer: GPUBuffer,
  path: string,
  byteOffset: number,
  bytes: number,
): void {
  const file = openRanges(path);
  try {
    for (let at = 0; at < bytes; at += chunkBytes) {
      writeBytes(queue, buffer, at, file.read(byteOffset + at, Math.min(chunkBytes, bytes - at)));
      // Lets the driver free what it has copied.
      queue.device.queue.submit([]);
    }
  } finally {
    file.close();
  }
}

/** Milliseconds. */
const shortestSleep = 5;
/** Buffers through which values are read; reads of a few sizes are repeated in every step. */
const keptStaging = 4;

/** Reads buffers; waits only here. */
export class Reader {
  private readonly staging: GPUBuffer[] = [];

  constructor(private readonly queue: CommandQueue) {}

  async read({ gpu, dtype, offset, length }: GpuBuffer): Promise<FloatArray | Int32Array> {
    const begin = offset * bytesPerElement(dtype);
    const from = begin - (begin % 4);
    const bytes = begin - from + length * bytesPerElement(dtype);
    const size = Math.ceil(bytes / 4) * 4;
    const staging = this.take(size);
    this.queue.copies().copyBufferToBuffer(gpu.buffer, from, staging, 0, size);
    await this.queue.settle();
    const begun = performance.now();
    // The package waits by asking again and again, which takes a core: sleep for most of what the last read waited.
    const sleep = gpu.waited > shortestSleep ? 0.8 * gpu.waited : 0;
    if (sleep > 0) await new Promise((resolve) => setTimeout(resolve, sleep));
    try {
      await Promise.all([staging.mapAsync(mapForReading, 0, size), this.queue.collectErrors()]);
      const waited = performance.now() - begun;
      gpu.waited = waited > sleep + 1 ? waited : waited / 2;
    } catch (error) {
      // The loss of the device is known only afterwards.
      await new Promise((resolve) => setTimeout(resolve, 10));
      this.queue.throwFailure();
      throw error;
    }
    const values = decode(new Uint8Array(staging.getMappedRange(0, size)).slice(begin - from, bytes), dtype);
    staging.unmap();
    this.keep(staging);
    this.queue.throwFailure();
    return values;
  }

  private take(size: number): GPUBuffer {
    const found = this.staging.findIndex((buffer) => buffer.size >= size && buffer.size <= 4 * size + 65536);
    if (found >= 0) return this.staging.splice(found, 1)[0];
    const usage = bufferUsage.mapRead | bufferUsage.copyTarget;
    return this.queue.createBuffer(Math.ceil(size / 256) * 256, usage, (message) => cannotAllocate(size, message));
  }

  private keep(buffer: GPUBuffer): void {
    this.staging.push(buffer);
    if (this.staging.length > keptStaging) this.queue.destroyBuffer(this.staging.shift() as GPUBuffer);
  }
}
