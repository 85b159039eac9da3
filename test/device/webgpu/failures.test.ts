import { describe, expect, test } from "vitest";
import { CommandQueue } from "../../../src/device/webgpu/command-queue.js";
import { createGpuDevice } from "../../../src/device/webgpu/create-device.js";
import { Dispatcher } from "../../../src/device/webgpu/dispatcher.js";
import { Reader } from "../../../src/device/webgpu/transfers.js";
import type { Program } from "../../../src/device/webgpu/program.js";
import { requiredLimits } from "../../../src/device/webgpu/adapter/find-adapter.js";
import type { GpuBuffer } from "../../../src/device/webgpu/gpu-buffer.js";
import { allocate } from "../../../src/device/webgpu/gpu-memory.js";
import { loadGpu } from "../../../src/device/webgpu/adapter/gpu-package.js";
import { messageOf } from "../message-of.js";

const { gpu, reason } = await loadGpu({ backend: "null" });
const why = reason === null ? "" : ` (skipped: ${reason})`;

async function nullDevice(): Promise<GPUDevice> {
  const adapter = await gpu?.requestAdapter();
  if (!adapter) throw new Error("the null backend has no adapter");
  return adapter.requestDevice({ requiredLimits: requiredLimits(adapter) });
}

const options = { computeDType: "f32", name: "null", rate: 1e12, isSoftware: false } as const;

describe.skipIf(gpu === null)(`a GPU that fails${why}`, () => {
  test("by being lost fails each later read with the reason and what to try", async () => {
    const lost = await nullDevice();
    const device = createGpuDevice(lost, options);
    const buffer = device.allocate("f32", 4);
    await device.read(buffer);
    lost.destroy();
    for (let i = 0; i < 2; i++)
      await expect(device.read(buffer)).rejects.toThrow(
        /^webgpu device — expected a graphics adapter that keeps working, got .* \(destroyed\)\.\n {2}Update its driver, /,
      );
    expect(() => device.kernels.fill({ buffer, value: 1 })).toThrow("expected a graphics adapter that keeps working");
  });

  test("by having no buffer that large names the size and what to lower", async () => {
    const device = createGpuDevice(await nullDevice(), options);
    expect(messageOf(() => device.allocate("f32", 2 ** 28))).toBe(
      "DeviceError: memory of the graphics adapter — expected 1024.0 MiB more, got buffers of at most 256.0 MiB.\n" +
        "  Lower training.batchSize or training.sequenceLength, train fewer layers, or set " +
        "training.activationCheckpointing; close other programs that use the adapter.",
    );
  });

  test("by refusing a shader fails the next read with the compiler's reason", async () => {
    const queue = new CommandQueue(await nullDevice());
    const shaders = { unrolls: true, hardwareShaders: true, largeTiles: true, units: null };
    const dispatcher = new Dispatcher(queue, "f32", 2 ** 27, 1e12, shaders);
    const memory = { owner: queue, home: "memory", length: 4, isFreed: false } as const;
    const x: GpuBuffer = allocate(queue, memory, "f32", 4, 2 ** 27);
    const wrong: Program<"x", never> = {
      name: "wrong",
      buffers: { x: "write" },
      scalars: {},
      workgroup: 64,
      source: () => ({ body: "store_x(lane, nothing);" }),
    };
    dispatcher.run(wrong, { buffers: { x }, scalars: {}, workgroups: 1, work: 1 });
    const read = new Reader(queue).read(x);
    await expect(read).rejects.toThrow(/unresolved value 'nothing'/);
  });
});
