import type { Kernels } from "../../kernels.js";
import type { Dispatcher } from "../dispatcher.js";
import { gpuBuffer, gpuBufferOrNull } from "../gpu-buffer.js";
import type { Scratch } from "../scratch.js";
import { multiply } from "./product.js";
import { layouts } from "./product/product-program.js";

type Products = Pick<Kernels, "matmul" | "matmulInputGradient" | "matmulWeightGradient" | "gram">;

export function matmul(gpu: Dispatcher, scratch: Scratch): Products {
  return {
    // x [N,I], w [O,I]: out = x · wᵀ (+ residual).
    matmul({ out, x, w, residual, N, I, O }) {
      const [to, a, b, rest] = [gpuBuffer(out), gpuBuffer(x), gpuBuffer(w), gpuBufferOrNull(residual)];
      multiply(gpu, scratch, {
        out: to,
        a,
        b,
        residual: rest,
        accumulate: false,
        layout: layouts.byRows,
        M: N,
        N: O,
        K: I,
      });
    },
    // forward: y = x · wᵀ. So dx = dy · w.
    matmulInputGradient({ dx, dy, w, accumulate, N, I, O }) {
      const [to, a, b] = [gpuBuffer(dx), gpuBuffer(dy), gpuBuffer(w)];
      multiply(gpu, scratch, { out: to, a, b, residual: null, accumulate, layout: layouts.mixed, M: N, N: I, K: O });
    },
    // forward: y = x · wᵀ. So dw += dyᵀ · x.
    matmulWeightGradient({ dw, dy, x, N, I, O }) {
      const [to, a, b] = [gpuBuffer(dw), gpuBuffer(dy), gpuBuffer(x)];
      multiply(gpu, scratch, {
        out: to,
        a,
        b,
        residual: null,
        accumulate: true,
        layout: layouts.byColumns,
        M: O,
        N: I,
        K: N,
      });
    },
    // Each element of out and its mirror image are the same sums of the same products.
    gram({ out, x, ofColumns, N, I }) {
      const [to, from] = [gpuBuffer(out), gpuBuffer(x)];
      const [size, K] = ofColumns ? [I, N] : [N, I];
      const layout = ofColumns ? layouts.byColumns : layouts.byRows;
      multiply(gpu, scratch, { out: to, a: from, b: from, layout, M: size, N: size, K });
    },
  };
}
