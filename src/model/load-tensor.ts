import type { Device, DeviceBuffer } from "../device/kernels.js";
import { bytesPerElement, decodeFloats } from "../tensor/dtype.js";
import { storedPieces, type StoredTensor } from "../tensor/safetensors.js";

/** buffer ← the tensor's values, a piece at a time. */
export function loadTensor(device: Device, buffer: DeviceBuffer, stored: StoredTensor): void {
  let at = 0;
  for (const piece of storedPieces(stored)) {
    const count = piece.byteLength / bytesPerElement(stored.dtype);
    device.write(buffer.slice(at, count), decodeFloats(piece, stored.dtype));
    at += count;
  }
}
