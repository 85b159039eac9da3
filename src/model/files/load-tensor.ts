import type { Device, DeviceBuffer } from "../../device/kernels.js";
import { bytesPerElement, decodeFloats } from "../../tensor/dtype.js";
import { storedChunks, type StoredTensor } from "../../tensor/safetensors.js";

/** buffer ← the tensor's values, a piece at a time. */
export function loadTensor(device: Device, buffer: DeviceBuffer, stored: StoredTensor): void {
  let at = 0;
  for (const piece of storedChunks(stored)) {
    const count = piece.byteLength / bytesPerElement(stored.dtype);
    const part = buffer.slice(at, count);
    device.write(part, decodeFloats(piece, stored.dtype));
    device.release(part);
    at += count;
  }
}
