import { bytesPerElement, decodeFloats, type DType } from "../tensor/dtype.js";
import { readTensorBytes, type StoredTensor } from "../tensor/safetensors.js";

export function elementCount({ shape }: { readonly shape: readonly number[] }): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Elements [from, from + count) in f32. */
export function readChunk(tensor: StoredTensor, from: number, count: number): Float32Array {
  const size = bytesPerElement(tensor.dtype);
  const bytes = readTensorBytes(tensor, from * size, count * size);
  // No copy: nothing else refers to these bytes.
  return tensor.dtype === "f32" ? new Float32Array(bytes.buffer, 0, count) : decodeFloats(bytes, tensor.dtype);
}

/** The f32 bytes of values, without a copy. */
export function floatBytes({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A tensor of a part that trained it. */
export interface PartTensor {
  /** Of the values. */
  readonly dtype: DType;
  /**
   * Elements [from, from + count) in f32; `from` is a multiple of `chunkElements` of `core/method.ts`.
   *
   * @param base  these elements of the base
   */
  read(from: number, count: number, base: Float32Array): Float32Array;
}
