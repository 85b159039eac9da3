import type { Device, DeviceBuffer } from "./kernels.js";

/** Remembers the buffers that are taken through its device, so that one call frees them all. */
export interface DeviceScope {
  /** The device, for what this scope is to free. */
  readonly device: Device;
  /** Frees what is not freed yet. */
  close(): void;
}

/** Scopes may be opened within each other. */
export function openScope(device: Device): DeviceScope {
  const open = new Set<DeviceBuffer>();
  const remember = (buffer: DeviceBuffer) => {
    open.add(buffer);
    return buffer;
  };
  return {
    device: {
      ...device,
      allocate: (dtype, length) => remember(device.allocate(dtype, length)),
      allocateScratch: (folder, length) => remember(device.allocateScratch(folder, length)),
      map: (path, byteOffset, length, dtype) => remember(device.map(path, byteOffset, length, dtype)),
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
