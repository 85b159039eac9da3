import { checkedDevice } from "../checked-device.js";
import type { DeviceKind } from "../device-kind.js";
import type { Device, ComputeDType, RawDevice } from "../kernels.js";
import { attention } from "./attention.js";
import { elementwise } from "./elementwise.js";
import { head } from "./head-loss.js";
import { matmul } from "./matmul.js";
import { allocate, integers, mapFile, operandIn, referenceBuffer, store, type Precision } from "./memory.js";
import { norm } from "./norm.js";
import { optimizer } from "./optimizer.js";

export const reference: DeviceKind = {
  open: async (_threads, computeDType) => createReferenceDevice("f32", computeDType),
  report: async () => ({ available: true, instructionSets: [], adapters: [], kernels: null, reason: null }),
};

/**
 * The oracle: the contract in plain, readable TypeScript. Sums are f64.
 *
 * @param precision     `f64` stores float buffers of every dtype in 64 bits, to check derivatives
 * @param computeDType  if it is narrow, the buffers that enter a product are rounded, but not the values computed
 *                      inside attention and head
 */
export function createReferenceDevice(precision: Precision, computeDType: ComputeDType = "f32"): Device {
  return checkedDevice(rawReferenceDevice(precision, computeDType));
}

/** The reference device without checks of arguments. */
export function rawReferenceDevice(precision: Precision, computeDType: ComputeDType = "f32"): RawDevice {
  const operand = operandIn(computeDType);
  return {
    facts: { device: "reference", instructionSet: "typescript", emulated: false, threads: 1, computeDType },
    kernels: { ...elementwise, ...norm, ...matmul(operand), ...attention(operand), ...head(operand), ...optimizer },
    allocate: (memory, dtype, length) => allocate(memory, precision, dtype, length),
    allocateScratch: (memory, _folder, length) => allocate(memory, precision, "f32", length),
    map: (memory, path, byteOffset, length, dtype) => mapFile(memory, precision, path, byteOffset, length, dtype),
    release: () => {},
    free(buffer) {
      referenceBuffer(buffer).data = new Int32Array(0);
    },
    write: (buffer, data) => store(referenceBuffer(buffer), data),
    read: async (buffer) => referenceBuffer(buffer).data.slice(),
    peek: integers,
  };
}
