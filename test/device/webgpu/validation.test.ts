/** Dawn's null backend checks shaders, layouts and limits, and computes nothing: it needs no driver. */
import { describe, expect, test } from "vitest";
import type { ComputeDType, Device, DeviceBuffer } from "../../../src/device/kernels.js";
import { createGpuDevice } from "../../../src/device/webgpu/create-device.js";
import { requiredLimits } from "../../../src/device/webgpu/adapter/find-adapter.js";
import { loadGpu } from "../../../src/device/webgpu/adapter/gpu-package.js";
import type { KernelCase } from "../case-tensors.js";
import { kernelCases, operandCases } from "../kernel-cases.js";

const { gpu, reason } = await loadGpu({ backend: "null" });
const why = reason === null ? "" : ` (skipped: ${reason})`;

async function openNull(computeDType: ComputeDType, isSoftware: boolean): Promise<Device> {
  const adapter = await gpu?.requestAdapter();
  if (!adapter) throw new Error("the null backend has no adapter");
  const device = await adapter.requestDevice({ requiredLimits: requiredLimits(adapter) });
  return createGpuDevice(device, { computeDType, name: "null", rate: 1e12, isSoftware });
}

/** Records the case, and waits for the checks of everything that it submitted. */
async function validate(device: Device, { tensors, call }: KernelCase): Promise<void> {
  const buffers: Record<string, DeviceBuffer> = {};
  for (const [key, { dtype, data }] of Object.entries(tensors)) {
    buffers[key] = device.allocate(dtype, data.length);
    // Other values would not be found valid indices.
    if (dtype === "i32") device.write(buffers[key], data);
  }
  call(device.kernels, buffers);
  const [first] = Object.values(buffers);
  await device.read(first.slice(0, 1));
  for (const buffer of Object.values(buffers)) device.free(buffer);
}

describe.skipIf(gpu === null)(`the smallest limits of WebGPU${why}`, () => {
  test.each([
    ["f32", false],
    ["bf16", false],
    ["f32", true],
  ] as const)("allow every shader in %s, software %s", async (computeDType, isSoftware) => {
    const device = await openNull(computeDType, isSoftware);
    const cases = [...kernelCases(), ...operandCases()];
    expect(cases.length).toBeGreaterThan(100);
    for (const one of cases)
      await validate(device, one).catch((error: unknown) => expect.fail(`${one.name}: ${error}`));
  });
});
