/** The CPU device: C++ kernels compiled for several instruction sets; creating the device selects one set. */
import { bytesPerElement, decodeFloats, encodeFloats, type DType, type FloatArray } from "../../tensor/dtype.js";
import { StrataError } from "../../errors/strata-error.js";
import { fail } from "../check-arguments.js";
import { checkedDevice } from "../checked-device.js";
import type { DeviceKind, ProcessorDType } from "../device-kind.js";
import type { Device, DeviceBuffer, DeviceMemory } from "../kernels.js";
import { CpuBuffer, dtypeCode, viewOf } from "./cpu-buffer.js";
import { cpuKernels } from "./cpu-kernels.js";
import { fastestOf, findInstructionSet, reportInstructionSets, setOf, type SetChoice } from "./instruction-sets.js";
import { loadAddon, type NativeAddon } from "./native-addon.js";

export const cpu: DeviceKind = {
  async open(threads, computeDType, instructions) {
    if (computeDType === "f16") throw noHalfProducts();
    return createCpuDevice({ threads, computeDType, instructionSet: setOf(instructions) });
  },
  async report() {
    const loaded = loadAddon();
    if (loaded.addon === null) {
      return { available: false, instructionSets: [], adapters: [], kernels: null, reason: loaded.reason };
    }
    const { addon } = loaded;
    const instructionSets = reportInstructionSets(addon);
    const [f32, bf16] = (["f32", "bf16"] as const).map((dtype) => fastestOf(addon, dtype));
    const kernels = f32 &&
      bf16 && {
        instructionSet: instructionSets[f32.index].name,
        bf16InstructionSet: instructionSets[bf16.index].name,
        products: instructionSets[bf16.index].products,
        rates: { f32: f32.rates, bf16: bf16.rates },
        compiler: addon.compiler,
      };
    return { available: true, instructionSets, adapters: [], kernels, reason: null };
  },
};

export interface CpuOptions {
  /** At least 1. Results do not depend on it. */
  readonly threads: number;
  /** By default, and if it is null, the fastest for `computeDType`. Results of two sets differ by rounding. */
  readonly instructionSet?: SetChoice | null;
  readonly computeDType: ProcessorDType;
}

/** @throws StrataError if the addon or the instruction set is not available */
export function createCpuDevice(options: CpuOptions): Device {
  const { threads, computeDType } = options;
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= 1024))
    fail("cpu device threads", "1 to 1024", String(threads));
  const {
    addon,
    index,
    name: instructionSet,
    emulated,
  } = findInstructionSet(options.instructionSet ?? null, computeDType);
  return checkedDevice({
    facts: { device: "cpu", instructionSet, emulated, threads, computeDType },
    kernels: cpuKernels(addon, addon.createContext(index, threads, dtypeCode[computeDType])),
    allocate: (memory, dtype, length) => allocate(addon, memory, dtype, length),
    allocateScratch: (memory, folder, length) => allocateScratch(addon, memory, folder, length),
    map: (memory, path, byteOffset, length, dtype) => map(addon, memory, path, byteOffset, length, dtype),
    release(buffer) {
      if (buffer.memory.home === "scratch") addon.release((buffer as CpuBuffer).view as Float32Array);
    },
    // The garbage collector unmaps the pages when nothing refers to them.
    free(buffer) {
      (buffer as CpuBuffer).view = new Uint8Array(0);
    },
    write: (buffer, data) => write(buffer as CpuBuffer, data),
    read: async (buffer) => read(buffer as CpuBuffer),
    peek: (buffer: DeviceBuffer) => (buffer as CpuBuffer).view as Int32Array,
  });
}

function noHalfProducts(): StrataError {
  return new StrataError("DeviceError", {
    where: "cpu device dtype",
    expected: "bf16 or f32",
    got: "f16, which only the webgpu device multiplies",
    hint: "Use `dtype: bf16`, or `machine.device: webgpu` where strata doctor shows a graphics adapter.",
  });
}

function allocate(addon: NativeAddon, memory: DeviceMemory, dtype: DType, length: number): CpuBuffer {
  const bytes = length * bytesPerElement(dtype);
  try {
    return new CpuBuffer(memory, dtype, length, viewOf(addon.allocate(bytes), dtype, length));
  } catch (error) {
    throw new StrataError(
      "DeviceError",
      {
        where: `allocation of ${length} elements of ${dtype}`,
        expected: `${(bytes / 2 ** 20).toFixed(1)} MiB of memory`,
        got: error instanceof Error ? error.message : String(error),
        hint: "Use a smaller batch, a shorter sequence or a smaller model, or close other programs.",
      },
      { cause: error },
    );
  }
}

function allocateScratch(addon: NativeAddon, memory: DeviceMemory, folder: string, length: number): CpuBuffer {
  const bytes = 4 * length;
  try {
    return new CpuBuffer(memory, "f32", length, viewOf(addon.mapScratch(folder, bytes), "f32", length));
  } catch (error) {
    throw new StrataError(
      "DeviceError",
      {
        where: folder,
        expected: `${(bytes / 2 ** 20).toFixed(1)} MiB of disk for a scratch file`,
        got: error instanceof Error ? error.message : String(error),
        hint: "Free space on this disk, or train without offload.",
      },
      { cause: error },
    );
  }
}

function write({ view, dtype }: CpuBuffer, data: FloatArray | Int32Array): void {
  if (dtype === "bf16" || dtype === "f16") {
    const stored = encodeFloats(data instanceof Float32Array ? data : Float32Array.from(data), dtype);
    view.set(new Uint16Array(stored.buffer, stored.byteOffset, data.length));
  } else {
    view.set(data);
  }
}

function read({ view, dtype }: CpuBuffer): FloatArray | Int32Array {
  if (view instanceof Float32Array || view instanceof Float64Array || view instanceof Int32Array) return view.slice();
  return decodeFloats(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), dtype);
}

/** Maps the whole pages that contain the elements. */
function map(
  addon: NativeAddon,
  memory: DeviceMemory,
  path: string,
  byteOffset: number,
  length: number,
  dtype: DType,
): CpuBuffer {
  const bytes = length * bytesPerElement(dtype);
  const start = Math.floor(byteOffset / addon.pageSize) * addon.pageSize;
  const pages = addon.map(path, start, byteOffset - start + bytes);
  return new CpuBuffer(memory, dtype, length, new Uint8Array(pages, byteOffset - start, bytes));
}
