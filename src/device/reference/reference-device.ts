import type { Device, ProductType } from "../kernels.js";
import { attention } from "./attention.js";
import { elementwise } from "./elementwise.js";
import { head } from "./head-loss.js";
import { matmul } from "./matmul.js";
import { allocate, mapFile, operandIn, own, store, type Precision } from "./memory.js";
import { norm } from "./norm.js";
import { optimizer } from "./optimizer.js";

/**
 * The oracle: the contract in plain TypeScript, written for the eye. Sums are taken in f64.
 *
 * @param precision  `f64` keeps every float buffer, of whatever dtype, in 64 bits, so that derivatives can be proved
 * @param products   with bf16 the buffers that enter a product are rounded; what arises inside attention and head is not
 */
export function createReferenceDevice(precision: Precision, products: ProductType = "f32"): Device {
  const operand = operandIn(products);
  return {
    facts: { device: "reference", instructionSet: "typescript", threads: 1, products },
    kernels: { ...elementwise, ...norm, ...matmul(operand), ...attention(operand), ...head(operand), ...optimizer },
    allocate: (dtype, length) => allocate(precision, dtype, length),
    allocateScratch: (_folder, length) => allocate(precision, "f32", length),
    release: () => {},
    write: (buffer, data) => store(own(buffer), data),
    read: (buffer) => Promise.resolve(own(buffer).data.slice()),
    map: (path, byteOffset, length, dtype) => mapFile(precision, path, byteOffset, length, dtype),
  };
}
