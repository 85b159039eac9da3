import type { Kernels } from "../../kernels.js";
import type { Dispatcher } from "../dispatcher.js";
import { gpuBuffer, gpuBufferOrNull } from "../gpu-buffer.js";
import type { Scratch } from "../scratch.js";
import { multiply } from "./product.js";

type Products = Pick<Kernels, "matmul" | "matmulInputGradient" | "matmulWeightGradient" | "gram">;

export function matmul(gpu: Dispatcher, scratch: Scratch): Products {
  return {
    // x [N,I], w [O,I]: out = x · wᵀ (+ residual).
    matmul({ out, x, w, residual, N, I, O }) {
      const operands = { out: gpuBuffer(out), a: gpuBuffer(x), b: gpuBuffer(w), residual: gpuBufferOrNull(residual) };
      multiply(gpu, scratch, { ...operands, layout: { a: "mk", b: "nk" }, M: N, N: O, K: I });
    },
    // forward: y = x · wᵀ. So dx = dy · w.
    matmulInputGradient({ dx, dy, w, accumulate, N, I, O }) {
      const operands = { out: gpuBuffer(dx), a: gpuBuffer(dy), b: gpuBuffer(w), accumulate };
      multiply(gpu, scratch, { ...operands, layout: { a: "mk", b: "kn" }, M: N, N: I, K: O });
    },
    // forward: y = x · wᵀ. So dw += dyᵀ · x.
    matmulWeightGradient({ dw, dy, x, N, I, O }) {
      const operands = { out: gpuBuffer(dw), a: gpuBuffer(dy), b: gpuBuffer(x), accumulate: true };
      multiply(gpu, scratch, { ...operands, layout: { a: "km", b: "kn" }, M: O, N: I, K: N });
    },
    // Each element of out and its mirror image are the same sums of the same products.
    gram({ out, x, ofColumns, N, I }) {
      const [to, from] = [gpuBuffer(out), gpuBuffer(x)];
      const [size, K] = ofColumns ? [I, N] : [N, I];
      const layout = ofColumns ? ({ a: "km", b: "kn" } as const) : ({ a: "mk", b: "nk" } as const);
      multiply(gpu, scratch, { out: to, a: from, b: from, layout, M: size, N: size, K });
    },
  };
}
