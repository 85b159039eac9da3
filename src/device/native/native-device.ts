/** The native CPU device: C++ kernels compiled for several instruction sets, picked when the device is made. */
import { statSync } from "node:fs";
import { bytesPerElement, decodeFloats, encodeFloats, type DType, type FloatArray } from "../../tensor/dtype.js";
import { StrataError } from "../../errors/strata-error.js";
import type { Device, DeviceBuffer, ProductType } from "../kernels.js";
import { fail, output } from "./check-arguments.js";
import { reportInstructionSets } from "./instruction-sets.js";
import { loadAddon, type NativeAddon } from "./native-addon.js";
import { dtypeCode, NativeBuffer, viewOf } from "./native-buffer.js";
import { nativeKernels } from "./native-kernels.js";

export interface NativeOptions {
  /** At least 1. Results do not depend on it. */
  readonly threads: number;
  /** One of `instructionSets`; the fastest that is available if left out. Results differ in rounding. */
  readonly instructionSet?: string;
  readonly products: ProductType;
}

/** @throws StrataError if the addon is not built, or the instruction set is not available */
export function createNativeDevice(options: NativeOptions): Device {
  const { threads, products } = options;
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= 1024))
    fail("native device threads", "1 to 1024", String(threads));
  const addon = requireAddon();
  const instructionSet = chooseInstructionSet(addon, options.instructionSet);
  return {
    facts: { device: "native", instructionSet, threads, products },
    kernels: nativeKernels(addon, addon.createContext(instructionSet, threads, dtypeCode[products])),
    allocate: (dtype, length) => allocate(addon, dtype, length),
    allocateScratch: (folder, length) => allocateScratch(addon, folder, length),
    release: (buffer) => release(addon, buffer),
    write,
    read: async (buffer) => read(buffer),
    map: (path, byteOffset, length, dtype) => map(addon, path, byteOffset, length, dtype),
  };
}

function requireAddon(): NativeAddon {
  const loaded = loadAddon();
  if (loaded.addon !== null) return loaded.addon;
  throw new StrataError("DeviceError", {
    where: "native device",
    expected: "its compiled addon",
    got: loaded.reason,
    hint: "Install a C++ compiler (apt-get install g++) and run: npm run install. Or use the reference device, which is slow.",
  });
}

function chooseInstructionSet(addon: NativeAddon, wanted: string | undefined): string {
  const reports = reportInstructionSets(addon);
  const found = reports.find(({ name, available }) => (wanted === undefined ? available : name === wanted));
  if (found?.available) return found.name;
  throw new StrataError("DeviceError", {
    where: `native device instruction set ${wanted}`,
    expected: `one of ${reports
      .filter(({ available }) => available)
      .map(({ name }) => name)
      .join(", ")}`,
    got: found?.reason ?? "a name that does not exist",
    hint: "Leave it out to take the fastest.",
  });
}

function allocate(addon: NativeAddon, dtype: DType, length: number): NativeBuffer {
  if (!(Number.isSafeInteger(length) && length > 0)) fail("allocate length", "a positive integer", String(length));
  const bytes = length * bytesPerElement(dtype);
  try {
    return new NativeBuffer(dtype, length, viewOf(addon.allocate(bytes), dtype, length), "memory");
  } catch (error) {
    throw new StrataError(
      "DeviceError",
      {
        where: `allocation of ${length} elements of ${dtype}`,
        expected: `${(bytes / 2 ** 20).toFixed(1)} MiB of memory`,
        got: error instanceof Error ? error.message : String(error),
        hint: "Use a smaller batch, a shorter sequence or a smaller model, or free memory of other programs.",
      },
      { cause: error },
    );
  }
}

function allocateScratch(addon: NativeAddon, folder: string, length: number): NativeBuffer {
  if (!(Number.isSafeInteger(length) && length > 0))
    fail("allocateScratch length", "a positive integer", String(length));
  const bytes = 4 * length;
  try {
    return new NativeBuffer("f32", length, viewOf(addon.mapScratch(folder, bytes), "f32", length), "scratch");
  } catch (error) {
    throw new StrataError(
      "DeviceError",
      {
        where: folder,
        expected: `${(bytes / 2 ** 20).toFixed(1)} MiB of disk for a scratch file`,
        got: error instanceof Error ? error.message : String(error),
        hint: "Make room on this disk, or train without offload.",
      },
      { cause: error },
    );
  }
}

function release(addon: NativeAddon, buffer: DeviceBuffer): void {
  if (buffer instanceof NativeBuffer && buffer.home === "scratch") addon.release(buffer.view as Float32Array);
}

function write(buffer: DeviceBuffer, data: FloatArray | Int32Array): void {
  const view = output("write", "buffer", buffer, data.length, ["f32", "f64", "i32", "bf16", "f16"]);
  if (buffer.dtype === "bf16" || buffer.dtype === "f16") {
    const stored = encodeFloats(data instanceof Float32Array ? data : Float32Array.from(data), buffer.dtype);
    view.set(new Uint16Array(stored.buffer, stored.byteOffset, data.length));
  } else {
    view.set(data);
  }
}

function read(buffer: DeviceBuffer): FloatArray | Int32Array {
  if (!(buffer instanceof NativeBuffer)) fail("read buffer", "a buffer of the native device", "one of another device");
  const { view, dtype } = buffer;
  if (view instanceof Float32Array || view instanceof Float64Array || view instanceof Int32Array) return view.slice();
  return decodeFloats(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), dtype);
}

/** Maps whole pages around the elements. */
function map(addon: NativeAddon, path: string, byteOffset: number, length: number, dtype: DType): NativeBuffer {
  const bytes = length * bytesPerElement(dtype);
  const fileBytes = statSync(path).size;
  if (!(Number.isSafeInteger(byteOffset) && byteOffset >= 0 && length > 0 && byteOffset + bytes <= fileBytes)) {
    throw new StrataError("DeviceError", {
      where: path,
      expected: `${length} elements of ${dtype} from byte ${byteOffset}`,
      got: `a file of ${fileBytes} bytes`,
      hint: "The file is shorter than its header says: copy or download it again.",
    });
  }
  if (dtype !== "f32" && dtype !== "bf16" && dtype !== "f16") fail(`map ${path}`, "f32, bf16 or f16", dtype);
  const start = Math.floor(byteOffset / addon.pageSize) * addon.pageSize;
  const pages = addon.map(path, start, byteOffset - start + bytes);
  return new NativeBuffer(dtype, length, new Uint8Array(pages, byteOffset - start, bytes), "file");
}
