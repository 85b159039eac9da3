/** The adapter of the tests: that of STRATA_ADAPTER (if it is empty, the fastest GPU), else Mesa's software adapter. */
import { setAdapterChoice } from "../../../src/device/webgpu/adapter/adapter-choice.js";
import { createGpuDevice, type GpuOptions } from "../../../src/device/webgpu/create-device.js";
import { findAdapter, requiredFeatures, requiredLimits } from "../../../src/device/webgpu/adapter/find-adapter.js";
import { matrixUnits } from "../../../src/device/webgpu/adapter/matrix-units.js";
import { openWebgpuDevice } from "../../../src/device/webgpu/webgpu-device.js";
import type { ComputeDType, Device } from "../../../src/device/kernels.js";

setAdapterChoice({ name: (process.env.STRATA_ADAPTER ?? "llvmpipe") || null, hints: [] });
const result = await findAdapter();

/** Why tests of the webgpu device are skipped; null if they run. */
export const noAdapter: string | null = result.found === null ? result.reason : result.found.reason;

export const openGpu = openWebgpuDevice;

/** A device that binds no more than some bytes at once. */
export const openSmallBindings = (computeDType: ComputeDType, maxBinding: number): Promise<Device> =>
  openInSoftware(computeDType, { maxBinding });

/** A device with the shaders that software adapters do without. */
export const openHardwareShaders = (
  computeDType: ComputeDType,
  options: Partial<Pick<GpuOptions, "largeTiles" | "rate">> = {},
): Promise<Device> => openInSoftware(computeDType, { hardwareShaders: true, ...options });

async function openInSoftware(computeDType: ComputeDType, options: Partial<GpuOptions>): Promise<Device> {
  const { found } = await findAdapter();
  if (found === null) throw new Error("the adapter is gone");
  const units = options.hardwareShaders ? matrixUnits(found.adapter, computeDType) : null;
  const device = await found.adapter.requestDevice({
    requiredLimits: requiredLimits(found.adapter),
    requiredFeatures: requiredFeatures(found, units),
  });
  return createGpuDevice(device, { computeDType, name: found.name, rate: 5e9, isSoftware: true, units, ...options });
}
