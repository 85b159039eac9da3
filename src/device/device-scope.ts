import type { Device, DeviceBuffer } from "./kernels.js";

/** Tracks the buffers allocated through its device, so that one call frees them all. */
export interface DeviceScope {
  /** Allocations through this device belong to the scope. */
  readonly device: Device;
  /** Frees all buffers that are not freed yet. */
  close(): void;
}

/** Scopes can be nested. */
export function openScope(device: Device): DeviceScope {
  const open = new Set<DeviceBuffer>();
  const track = (buffer: DeviceBuffer) => {
    open.add(buffer);
    return buffer;
  };
  return {
    device: {
      ...device,
      allocate: (dtype, length) => track(device.allocate(dtype, length)),
      allocateScratch: (folder, length) => track(device.allocateScratch(folder, length)),
      map: (path, byteOffset, length, dtype) => track(device.map(path, byteOffset, length, dtype)),
      free(buffer) {
        device.free(buffer);
        open.delete(buffer);
      },
    },
    close() {
      for (const buffer of open) device.free(buffer);
      open.clear();
    },
  };
}
