import { decodeFloats, bytesPerElement } from "../../tensor/dtype.js";
import { StrataError } from "../../errors/strata-error.js";
import { readTensorBytes } from "../../tensor/safetensors.js";
import { interleaveRows } from "./interleave-rows.js";
import type { PlannedTensor } from "./tensor-plan.js";
import { largestValue, tensorTypes } from "./tensor-type.js";

/** The maximum number of elements in memory, unless one head or row is larger. */
const chunkElements = 1 << 20;

/** The encoded bytes of a tensor in chunks of whole rows. @throws StrataError for a value outside the type's range */
export function* tensorChunks(tensor: PlannedTensor): Generator<Uint8Array> {
  const { type, shape, rowsPerUnit } = tensor;
  const columns = shape.length > 1 ? shape[1] : 1;
  const unit = rowsPerUnit * columns;
  const step = unit * Math.max(1, Math.floor(chunkElements / unit));
  const elements = shape.reduce((a, b) => a * b, 1);
  for (let from = 0; from < elements; from += step) {
    const values = readValues(tensor, from, Math.min(step, elements - from));
    checkRange(values, tensor);
    yield tensorTypes[type].encode(rowsPerUnit > 1 ? interleaveRows(values, rowsPerUnit, columns) : values);
  }
}

function readValues({ source }: PlannedTensor, from: number, count: number): Float32Array {
  if (source instanceof Float32Array) return source.subarray(from, from + count);
  const size = bytesPerElement(source.dtype);
  return decodeFloats(readTensorBytes(source, from * size, count * size), source.dtype);
}

function checkRange(values: Float32Array, { name, type, source }: PlannedTensor): void {
  const largest = largestValue(type);
  const wrong = values.find((value) => !(Math.abs(value) <= largest && Number.isFinite(value)));
  if (wrong === undefined) return;
  throw new StrataError("CheckpointError", {
    where: source instanceof Float32Array ? name : `${source.path} ${source.name}`,
    expected: Number.isFinite(largest) ? `magnitudes of at most ${largest}, the maximum of ${type}` : "finite values",
    got: String(wrong),
    hint: Number.isFinite(wrong)
      ? "Export the model as bf16."
      : "The model is damaged, or its training diverged: use an earlier checkpoint.",
  });
}
