import { bytesPerElement, type DType, type FloatArray } from "../../tensor/dtype.js";
import { checkedDevice } from "../checked-device.js";
import type { ComputeDType, Device, DeviceBuffer, DeviceMemory } from "../kernels.js";
import { CommandQueue } from "./command-queue.js";
import { Dispatcher } from "./dispatcher.js";
import { gpuBuffer, type GpuBuffer } from "./gpu-buffer.js";
import { gpuKernels } from "./gpu-kernels.js";
import { allocate } from "./gpu-memory.js";
import { copyElements } from "./kernels/elementwise.js";
import { describeUnits, type MatrixUnits } from "./adapter/matrix-units.js";
import { createScratch } from "./scratch.js";
import { encode, Reader, writeBytes, writeFile } from "./transfers.js";

export interface GpuOptions {
  readonly computeDType: ComputeDType;
  /** Adapter and driver: results differ by rounding from those of others. */
  readonly name: string;
  /** FLOP/s of matrix products, estimated; how much work is submitted at once depends on it, results do not. */
  readonly rate: number;
  /** Whether a processor computes instead of a GPU. */
  readonly isSoftware: boolean;
  /** Whether shaders are those of GPUs, several for a purpose; default: not in software, which has fewer. */
  readonly hardwareShaders?: boolean;
  /** Units for small matrices, whose features the device has; default: none. */
  readonly units?: MatrixUnits | null;
  /** Whether large products are computed by large tiles; results are the same. Default: true. */
  readonly largeTiles?: boolean;
  /** Bytes of a binding at most; default: the device's limit. */
  readonly maxBinding?: number;
}

/** @param device  with the limits that the adapter supports */
export function createGpuDevice(device: GPUDevice, options: GpuOptions): Device {
  return deviceOn(new CommandQueue(device), options);
}

/** As `createGpuDevice`; the queue tells how much memory is used. */
export function deviceOn(queue: CommandQueue, options: GpuOptions): Device {
  const { computeDType, name, rate, isSoftware, hardwareShaders = !isSoftware } = options;
  const { units = null, largeTiles = true } = options;
  const instructionSet = units === null ? name : `${name}, ${describeUnits(units)}`;
  const limit = Math.min(options.maxBinding ?? Infinity, queue.device.limits.maxStorageBufferBindingSize);
  const shaders = { unrolls: !isSoftware, hardwareShaders, largeTiles, units };
  const gpu = new Dispatcher(queue, computeDType, limit, rate, shaders);
  const free = (buffer: GpuBuffer) => {
    gpu.forget(buffer.gpu.id);
    queue.destroyBuffer(buffer.gpu.buffer);
  };
  const own = (length: number): DeviceMemory => ({ owner: queue, home: "memory", length, isFreed: false });
  const temporary = (dtype: DType, length: number) => allocate(queue, own(length), dtype, length, limit);
  const scratch = createScratch((length) => temporary("f32", length), free);
  const reader = new Reader(queue);
  const write = (buffer: DeviceBuffer, data: FloatArray | Int32Array) => {
    const { gpu: memory, dtype, offset } = gpuBuffer(buffer);
    const at = offset * bytesPerElement(dtype);
    const bytes = encode(data, dtype);
    if (memory.values && dtype === "i32") memory.values.set(data, offset);
    const endsAllocation = offset + data.length === buffer.memory.length;
    if (at % 4 === 0 && (bytes.length % 4 === 0 || endsAllocation)) return writeBytes(queue, memory.buffer, at, bytes);
    // A word has another slice's element too: the GPU copies elements.
    const part = temporary(dtype, data.length);
    writeBytes(queue, part.gpu.buffer, 0, bytes);
    copyElements(gpu, gpuBuffer(buffer).slice(0, data.length), part);
    free(part);
  };
  return checkedDevice({
    facts: { device: "webgpu", instructionSet, emulated: false, threads: 1, computeDType },
    kernels: gpuKernels(gpu, scratch),
    allocate: (memory, dtype, length) => allocate(queue, memory, dtype, length, limit),
    allocateScratch: (memory, _folder, length) => allocate(queue, memory, "f32", length, limit),
    map(memory, path, byteOffset, length, dtype) {
      const buffer = allocate(queue, memory, dtype, length, limit);
      writeFile(queue, buffer.gpu.buffer, path, byteOffset, length * bytesPerElement(dtype));
      return buffer;
    },
    release: () => {},
    free: (buffer) => free(gpuBuffer(buffer)),
    write,
    read: (buffer) => reader.read(gpuBuffer(buffer)),
    peek: (buffer) => {
      const { gpu: memory, offset, length } = gpuBuffer(buffer);
      return memory.values?.subarray(offset, offset + length) ?? null;
    },
  });
}
