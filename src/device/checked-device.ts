import { statSync } from "node:fs";
import { fileError } from "../files/atomic-file.js";
import { bytesPerElement, type DType } from "../tensor/dtype.js";
import { StrataError } from "../errors/strata-error.js";
import { ArgumentChecks, fail, weights } from "./check-arguments.js";
import { checkedKernels } from "./checked-kernels.js";
import type { Device, DeviceMemory, RawDevice } from "./kernels.js";

const anyDtype: readonly DType[] = ["f32", "f64", "i32", "bf16", "f16"];

/** Wraps a raw device: checks every argument before passing it on. */
export function checkedDevice(raw: RawDevice): Device {
  const owner = {};
  const check = new ArgumentChecks(raw, owner);
  const newMemory = (home: DeviceMemory["home"], length: number): DeviceMemory => ({
    owner,
    home,
    length,
    isFreed: false,
  });
  return {
    facts: raw.facts,
    kernels: checkedKernels(raw.kernels, check),
    allocate(dtype, length) {
      checkLength("allocate", length);
      return raw.allocate(newMemory("memory", length), dtype, length);
    },
    allocateScratch(folder, length) {
      checkLength("allocateScratch", length);
      return raw.allocateScratch(newMemory("scratch", length), folder, length);
    },
    map(path, byteOffset, length, dtype) {
      checkMapping(path, byteOffset, length, dtype);
      return raw.map(newMemory("file", length), path, byteOffset, length, dtype);
    },
    release(buffer) {
      check.owned("release", "buffer", buffer);
      raw.release(buffer);
    },
    free(buffer) {
      check.owned("free", "buffer", buffer);
      if (buffer.length !== buffer.memory.length) fail("free buffer", "a whole buffer", "a slice of one");
      buffer.memory.isFreed = true;
      raw.free(buffer);
    },
    write(buffer, data) {
      check.output("write", "buffer", buffer, data.length, anyDtype);
      raw.write(buffer, data);
    },
    async read(buffer) {
      check.owned("read", "buffer", buffer);
      return raw.read(buffer);
    },
  };
}

function checkLength(where: string, length: number): void {
  if (!(Number.isSafeInteger(length) && length > 0)) fail(`${where} length`, "a positive integer", String(length));
}

function checkMapping(path: string, byteOffset: number, length: number, dtype: DType): void {
  const fileBytes = sizeOf(path);
  const end = byteOffset + length * bytesPerElement(dtype);
  if (!(Number.isSafeInteger(byteOffset) && byteOffset >= 0 && length > 0 && end <= fileBytes)) {
    throw new StrataError("DeviceError", {
      where: path,
      expected: `${length} elements of ${dtype} from byte ${byteOffset}`,
      got: `a file of ${fileBytes} bytes`,
      hint: "The file is shorter than its header says: copy or download it again.",
    });
  }
  if (!weights.includes(dtype)) fail(`map ${path}`, weights.join(" or "), dtype);
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (error) {
    throw fileError(path, "map the file", error);
  }
}
