import { bytesPerElement, decodeFloats, type DType } from "../tensor/dtype.js";
import { readTensorBytes, type StoredTensor } from "../tensor/safetensors.js";

/** Elements per chunk for methods that do not need the whole tensor. */
export const chunkElements = 1 << 20;

export function elementCount({ shape }: { readonly shape: readonly number[] }): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Elements [from, from + count) in f32. */
export function readChunk(tensor: StoredTensor, from: number, count: number): Float32Array {
  const size = bytesPerElement(tensor.dtype);
  return decodeFloats(readTensorBytes(tensor, from * size, count * size), tensor.dtype);
}

/** A tensor of a part that trained it. */
export interface PartTensor {
  /** Of the values. */
  readonly dtype: DType;
  /**
   * Elements [from, from + count) in f32; `from` is a multiple of `chunkElements`.
   *
   * @param base  these elements of the base
   */
  read(from: number, count: number, base: Float32Array): Float32Array;
}
