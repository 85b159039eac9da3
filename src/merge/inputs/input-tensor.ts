import type { MergeKernels } from "../core/kernels.js";
import type { MergeDType } from "../core/method.js";

/** Floating-point dtypes of stored tensors; f64 is read as f32. */
export type StoredDType = "f32" | "bf16" | "f16" | "f64";

export interface ComputeTools {
  readonly kernels: MergeKernels;
  /** Says what the user should know. */
  note(text: string): void;
}

/** A tensor of an input model, as stored or computed from stored ones. */
export interface InputTensor {
  readonly name: string;
  /** File and name, for messages. */
  readonly where: string;
  readonly shape: readonly number[];
  /** Null: no floating-point type, such as I64; the tensor can only be copied. */
  readonly dtype: StoredDType | null;
  /** The dtype's name in safetensors headers. */
  readonly tag: string;
  /** Of the elements as stored. */
  readonly storedBytes: number;
  /** Elements [from, from + count) in row-major order, rounded to `dtype`. Only of floating-point tensors. */
  read(from: number, count: number, dtype: MergeDType, kernels: MergeKernels): Float32Array;
  /** Says that bytes as stored will be read soon. */
  expect(from: number, length: number): void;
  /** Bytes as stored, in `out` if it is given, which has this length; null if the values are computed. */
  readonly readBytes: ((from: number, length: number, out?: Uint8Array) => Uint8Array) | null;
  /** The bytes of a tensor that is merged when it is read, valid until another tensor of its model is. */
  readonly computeBytes?: (from: number, length: number, tools: ComputeTools) => Uint8Array;
  /** Bytes of files that are read for it, where that is not `storedBytes`. */
  readonly readsBytes?: number;
}

/** A tensor whose elements are computed from those of another one. */
export function derivedTensor(from: InputTensor, changes: Pick<InputTensor, "shape" | "read">): InputTensor {
  return { ...from, ...changes, readBytes: null, computeBytes: undefined };
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** `[8, 4]` */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
