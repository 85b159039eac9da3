import { bytesPerElement, decodeFloats } from "../../tensor/dtype.js";
import { readTensorBytes, type StoredTensor } from "../../tensor/safetensors.js";

/** The first chunk is small: tensors that differ usually differ there. */
const firstElements = 1 << 14;
const chunkElements = 1 << 21;

/**
 * Whether two tensors have the same shape and values, whatever their dtypes. Reads in chunks, up to the first
 * difference.
 *
 * @param a  in f32, bf16 or f16, as `b`
 */
export function haveSameValues(a: StoredTensor, b: StoredTensor): boolean {
  if (a.shape.join() !== b.shape.join()) return false;
  const elements = a.byteLength / bytesPerElement(a.dtype);
  for (let from = 0; from < elements;) {
    const count = Math.min(from === 0 ? firstElements : chunkElements, elements - from);
    if (!chunksAreEqual(a, b, from, count)) return false;
    from += count;
  }
  return true;
}

function chunksAreEqual(a: StoredTensor, b: StoredTensor, from: number, count: number): boolean {
  const [left, right] = [a, b].map((tensor) => {
    const size = bytesPerElement(tensor.dtype);
    return readTensorBytes(tensor, from * size, count * size);
  });
  if (a.dtype === b.dtype && Buffer.compare(left, right) === 0) return true;
  const values = decodeFloats(right, b.dtype);
  // Other bytes may be the same value: 0 and -0.
  return decodeFloats(left, a.dtype).every((value, i) => value === values[i]);
}
