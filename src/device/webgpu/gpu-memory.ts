import { bytesPerElement, type DType } from "../../tensor/dtype.js";
import { StrataError } from "../../errors/strata-error.js";
import type { DeviceMemory } from "../kernels.js";
import type { CommandQueue } from "./command-queue.js";
import { GpuBuffer } from "./gpu-buffer.js";
import { bufferUsage } from "./gpu-constants.js";

const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

export function cannotAllocate(bytes: number, got: string): StrataError {
  return new StrataError("DeviceError", {
    where: "memory of the graphics adapter",
    expected: `${megabytes(bytes)} more`,
    // What follows are places in the source of the package.
    got: got.split("\n")[0].trim(),
    hint:
      "Lower training.batchSize or training.sequenceLength, train fewer layers, or set " +
      "training.activationCheckpointing; close other programs that use the adapter.",
  });
}

let allocations = 0;

/** A new buffer of the GPU, zeroed. @throws StrataError if the adapter has no buffers of this size */
export function allocate(
  queue: CommandQueue,
  memory: DeviceMemory,
  dtype: DType,
  length: number,
  maxBinding: number,
): GpuBuffer {
  // Whole vectors of 16 bytes.
  const bytes = Math.ceil((length * bytesPerElement(dtype)) / 16) * 16;
  const { maxBufferSize } = queue.device.limits;
  if (bytes > maxBufferSize) throw cannotAllocate(bytes, `buffers of at most ${megabytes(maxBufferSize)}`);
  queue.throwFailure();
  const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyTarget;
  const buffer = queue.createBuffer(bytes, usage, (message) => cannotAllocate(bytes, message));
  const values = dtype === "i32" ? new Int32Array(length) : null;
  return new GpuBuffer(
    { id: ++allocations, buffer, bytes, isLarge: bytes > maxBinding, values, waited: 0 },
    memory,
    dtype,
    0,
    length,
  );
}
