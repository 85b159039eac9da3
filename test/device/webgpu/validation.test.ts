/** Dawn's null backend checks shaders, layouts and limits, and computes nothing: it needs no driver. */
import { describe, expect, test } from "vitest";
import type { ComputeDType, Device, DeviceBuffer } from "../../../src/device/kernels.js";
import { createGpuDevice } from "../../../src/device/webgpu/create-device.js";
import { requiredLimits } from "../../../src/device/webgpu/adapter/find-adapter.js";
import { matrixFeatures, type MatrixUnits } from "../../../src/device/webgpu/adapter/matrix-units.js";
import { matrixProgram } from "../../../src/device/webgpu/kernels/product/matrix-product.js";
import { shaderSource, type BindingShape } from "../../../src/device/webgpu/shader.js";
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
    ["f16", false],
    ["f32", true],
  ] as const)("allow every shader in %s, software %s", async (computeDType, isSoftware) => {
    const device = await openNull(computeDType, isSoftware);
    const cases = computeDType === "f16" ? operandCases("f16") : [...kernelCases(), ...operandCases()];
    expect(cases.length).toBeGreaterThan(100);
    for (const one of cases)
      await validate(device, one).catch((error: unknown) => expect.fail(`${one.name}: ${error}`));
  });
});

/** Units as adapters of these makers report them. */
const units: Readonly<Record<string, MatrixUnits>> = {
  NVIDIA: { M: 16, N: 16, K: 16, component: "f16", subgroup: 32, namesSize: false },
  AMD: { M: 16, N: 16, K: 16, component: "f16", subgroup: 64, namesSize: true },
  Apple: { M: 8, N: 8, K: 8, component: "f32", subgroup: 32, namesSize: false },
  Intel: { M: 8, N: 16, K: 16, component: "f16", subgroup: 16, namesSize: true },
};

describe.skipIf(gpu === null)(`products with units for small matrices${why}`, () => {
  test.each(Object.entries(units))("are valid shaders with those of %s", async (_, one) => {
    const adapter = await gpu?.requestAdapter();
    if (!adapter) throw new Error("the null backend has no adapter");
    const device = await adapter.requestDevice({ requiredFeatures: matrixFeatures(one) });
    const program = matrixProgram(one);
    let modules = 0;
    for (const [a, b] of [
      ["mk", "nk"],
      ["km", "kn"],
      ["mk", "kn"],
    ])
      for (const ending of ["set", "add", "residual"])
        for (const share of ["large", "small"])
          for (const dtype of ["f32", "bf16", "f16"] as const)
            for (const wide of [true, false]) {
              const bindings = bindingsOf(dtype, wide, ending === "residual");
              const shape = { bindings, scalars: program.scalars, workgroup: program.workgroup, unrolls: true };
              const text = program.source(bindings, `${a} ${b} ${ending} ${share}`);
              const module = device.createShaderModule({ code: shaderSource({ ...shape, computeDType: "f16" }, text) });
              expect((await module.getCompilationInfo()).messages.map(({ message }) => message)).toEqual([]);
              modules++;
            }
    expect(modules).toBe(108);
  });
});

function bindingsOf(dtype: "f32" | "bf16" | "f16", wide: boolean, residual: boolean): BindingShape[] {
  const plain = { isWritten: false, paired: false };
  const out = { name: "out", dtype, isWritten: true, wide: wide && dtype === "f32", paired: wide && dtype !== "f32" };
  return [
    { ...plain, name: "a", dtype, storage: 0, wide },
    { ...plain, name: "b", dtype, storage: 1, wide },
    ...(residual ? [{ ...plain, name: "residual", dtype: "f32" as const, storage: 2, wide }] : []),
    { ...out, storage: residual ? 3 : 2 },
  ];
}
