import type { Kernels } from "../kernels.js";
import type { Dispatcher } from "./dispatcher.js";
import { attention } from "./kernels/attention.js";
import { biasGradient } from "./kernels/column-sums.js";
import { elementwise } from "./kernels/elementwise.js";
import { embedding } from "./kernels/embedding.js";
import { head } from "./kernels/head-loss.js";
import { matmul } from "./kernels/matmul.js";
import { norm } from "./kernels/norm.js";
import { optimizer } from "./kernels/optimizer.js";
import { orthogonalize } from "./kernels/orthogonalize.js";
import type { Scratch } from "./scratch.js";

/** All kernels of the contract in WGSL. */
export function gpuKernels(gpu: Dispatcher, scratch: Scratch): Kernels {
  return {
    ...elementwise(gpu),
    ...embedding(gpu, scratch),
    ...norm(gpu, scratch),
    ...biasGradient(gpu, scratch),
    ...matmul(gpu, scratch),
    ...attention(gpu, scratch),
    ...head(gpu, scratch),
    ...optimizer(gpu, scratch),
    ...orthogonalize(gpu, scratch),
  };
}
