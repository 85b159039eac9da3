import { readRange } from "../../files/number-file.js";
import {
  bytesPerElement,
  decodeFloats,
  fromBf16,
  fromF16,
  toBf16,
  toF16,
  type DType,
  type FloatArray,
} from "../../tensor/dtype.js";
import { StrataError } from "../../errors/strata-error.js";
import { checkSlice } from "../check-arguments.js";
import type { DeviceBuffer, DeviceMemory, ComputeDType } from "../kernels.js";

export type Precision = "f32" | "f64";

/** bf16 and f16 buffers store widened values; each one is representable in the narrow dtype. */
export class ReferenceBuffer implements DeviceBuffer {
  constructor(
    readonly memory: DeviceMemory,
    readonly dtype: DType,
    public data: FloatArray | Int32Array,
  ) {}

  get length(): number {
    return this.data.length;
  }

  slice(offset: number, length: number): ReferenceBuffer {
    checkSlice(this, offset, length);
    return new ReferenceBuffer(this.memory, this.dtype, this.data.subarray(offset, offset + length));
  }
}

export function referenceBuffer(buffer: DeviceBuffer): ReferenceBuffer {
  return buffer as ReferenceBuffer;
}

export function floats(buffer: DeviceBuffer): FloatArray {
  return referenceBuffer(buffer).data as FloatArray;
}

export function integers(buffer: DeviceBuffer): Int32Array {
  return referenceBuffer(buffer).data as Int32Array;
}

/** Rounds the values that a kernel has written to the dtype of its buffer. */
export function roundToDType(buffer: DeviceBuffer): void {
  const { dtype, data } = referenceBuffer(buffer);
  const round = rounding(dtype);
  if (round) for (let i = 0; i < data.length; i++) data[i] = round(data[i]);
}

/** The values of an operand of a matrix product, rounded to the compute dtype. */
export type Operand = (buffer: DeviceBuffer) => FloatArray;

export function operandIn(computeDType: ComputeDType): Operand {
  const round = computeDType === "f32" ? null : rounding(computeDType);
  return (buffer) => {
    const data = floats(buffer);
    return round === null || buffer.dtype === computeDType ? data : data.map(round);
  };
}

export function allocate(memory: DeviceMemory, precision: Precision, dtype: DType, length: number): ReferenceBuffer {
  try {
    if (dtype === "i32") return new ReferenceBuffer(memory, dtype, new Int32Array(length));
    const wide = dtype === "f64" || precision === "f64";
    return new ReferenceBuffer(memory, dtype, wide ? new Float64Array(length) : new Float32Array(length));
  } catch (error) {
    throw new StrataError(
      "DeviceError",
      {
        where: "reference device memory",
        expected: `${length} ${dtype} elements`,
        got: String(error),
        hint: "Use a smaller batch, a shorter sequence or a machine with more memory.",
      },
      { cause: error },
    );
  }
}

/** out[i] ← data[i], rounded to out's dtype. */
export function store(out: ReferenceBuffer, data: FloatArray | Int32Array): void {
  const round = rounding(out.dtype);
  if (round === null) out.data.set(data);
  else for (let i = 0; i < data.length; i++) out.data[i] = round(data[i]);
}

function rounding(dtype: DType): ((value: number) => number) | null {
  if (dtype === "bf16") return (value) => fromBf16(toBf16(value));
  return dtype === "f16" ? (value) => fromF16(toF16(value)) : null;
}

export function mapFile(
  memory: DeviceMemory,
  precision: Precision,
  path: string,
  byteOffset: number,
  length: number,
  dtype: DType,
): ReferenceBuffer {
  const buffer = allocate(memory, precision, dtype, length);
  const bytes = readRange(path, byteOffset, length * bytesPerElement(dtype));
  buffer.data.set(decode(bytes, dtype));
  return buffer;
}

function decode(bytes: Uint8Array, dtype: DType): FloatArray | Int32Array {
  if (dtype === "f64") return new Float64Array(bytes.buffer);
  return dtype === "i32" ? new Int32Array(bytes.buffer) : decodeFloats(bytes, dtype);
}
