import { chunkElements } from "../core/method.js";
import type { MergeKernels } from "../core/kernels.js";
import { elementCount, type InputTensor } from "../inputs/input-tensor.js";
import { addSums, noSums, type DifferenceSums } from "./measures.js";

/**
 * `identical`: the same dtype and bytes; `equal`: the same values as f32, in another dtype or as 0 and −0;
 * `differs`: other bytes of a dtype without floating-point values.
 */
export type TensorState = "identical" | "equal" | "changed" | "differs";

export interface ComparedTensor {
  readonly state: TensorState;
  /** Null for dtypes without floating-point values. */
  readonly sums: DifferenceSums | null;
}

/**
 * Compares two tensors of the same shape in chunks.
 *
 * @param onChunk  called with the bytes that were read of both
 */
export function compareTensors(
  a: InputTensor,
  b: InputTensor,
  kernels: MergeKernels,
  onChunk: (bytes: number) => void,
): ComparedTensor {
  if (a.dtype === null || b.dtype === null) return { state: compareBytes(a, b, onChunk), sums: null };
  const length = elementCount(a.shape);
  const width = (a.storedBytes + b.storedBytes) / Math.max(1, length);
  let sums = noSums;
  let isIdentical = a.tag === b.tag;
  for (let from = 0; from < length; from += chunkElements) {
    const count = Math.min(chunkElements, length - from);
    const [x, y] = [chunkOf(a, from, count), chunkOf(b, from, count)];
    const isSame = a.tag === b.tag && x.bytes !== null && y.bytes !== null && Buffer.compare(x.bytes, y.bytes) === 0;
    isIdentical &&= isSame;
    const values = x.decode(kernels);
    sums = addSums(sums, isSame ? sameSums(values, kernels) : differenceSums(values, y.decode(kernels), kernels));
    onChunk(count * width);
  }
  return { state: isIdentical ? "identical" : sums.changed === 0 ? "equal" : "changed", sums };
}

interface Chunk {
  /** Null if the values are computed. */
  readonly bytes: Uint8Array | null;
  decode(kernels: MergeKernels): Float32Array;
}

/** Reads the file once for comparing bytes and values. */
function chunkOf(tensor: InputTensor, from: number, count: number): Chunk {
  const { dtype, readBytes } = tensor;
  if (readBytes === null || dtype === null) {
    return { bytes: null, decode: (kernels) => tensor.read(from, count, "f32", kernels) };
  }
  const width = tensor.storedBytes / elementCount(tensor.shape);
  const bytes = readBytes(from * width, count * width);
  return { bytes, decode: (kernels) => kernels.decode(bytes, dtype, "f32") };
}

function compareBytes(a: InputTensor, b: InputTensor, onChunk: (bytes: number) => void): TensorState {
  if (a.tag !== b.tag || a.storedBytes !== b.storedBytes) return "differs";
  const step = chunkElements * 4;
  for (let at = 0; at < a.storedBytes; at += step) {
    const length = Math.min(step, a.storedBytes - at);
    const [x, y] = [a.readBytes?.(at, length), b.readBytes?.(at, length)];
    onChunk(2 * length);
    if (x === undefined || y === undefined || Buffer.compare(x, y) !== 0) return "differs";
  }
  return "identical";
}

function sameSums(values: Float32Array, kernels: MergeKernels): DifferenceSums {
  let [aa] = kernels.gram([values]);
  let notFinite = 0;
  if (!Number.isFinite(aa)) {
    for (let i = 0; i < values.length; i++) {
      if (Number.isFinite(values[i])) continue;
      values[i] = 0;
      notFinite++;
    }
    [aa] = kernels.gram([values]);
  }
  return { ...noSums, elements: values.length, notFinite, aa, ab: aa, bb: aa };
}

/** Overwrites elements that are not finite. */
function differenceSums(a: Float32Array, b: Float32Array, kernels: MergeKernels): DifferenceSums {
  const change = new Float32Array(a.length);
  let [changed, notFinite, largest] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const difference = b[i] - a[i];
    // NaN, or the distance of an infinity.
    if (!(Math.abs(difference) < Infinity)) {
      notFinite++;
      if (!Object.is(a[i], b[i])) changed++;
      a[i] = b[i] = 0;
      continue;
    }
    change[i] = difference;
    if (difference === 0) continue;
    changed++;
    largest = Math.max(largest, Math.abs(difference));
  }
  const gram = kernels.gram([a, b, change]);
  return { elements: a.length, changed, notFinite, aa: gram[0], ab: gram[1], bb: gram[4], dd: gram[8], largest };
}
