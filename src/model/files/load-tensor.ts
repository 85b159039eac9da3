import type { Device, DeviceBuffer } from "../../device/kernels.js";
import { bytesPerElement, decodeFloats } from "../../tensor/dtype.js";
import { storedChunks, verifyTensor, type StoredTensor } from "../../tensor/safetensors.js";

/** buffer ← the tensor's values, chunk by chunk. @throws StrataError if the tensor was damaged */
export function loadTensor(device: Device, buffer: DeviceBuffer, stored: StoredTensor): void {
  let offset = 0;
  for (const chunk of storedChunks(stored)) {
    const count = chunk.byteLength / bytesPerElement(stored.dtype);
    const part = buffer.slice(offset, count);
    device.write(part, decodeFloats(chunk, stored.dtype));
    device.release(part);
    offset += count;
  }
}

/** Maps a tensor from its file. @throws StrataError if the tensor was damaged */
export function mapTensor(device: Device, stored: StoredTensor): DeviceBuffer {
  verifyTensor(stored);
  const length = stored.byteLength / bytesPerElement(stored.dtype);
  return device.map(stored.path, stored.byteOffset, length, stored.dtype);
}
