import { normal, zeros, type KernelCase } from "./case-tensors.js";
import { attentionCase, headCase, kernelCases, operandCases } from "./kernel-cases.js";

/** Large enough to give every thread work in every kernel. */
const [N, I, O] = [515, 390, 530];
export const largeCases: readonly KernelCase[] = [
  {
    name: "products and rmsNorm",
    tensors: {
      x: normal("x", N * I),
      w: normal("w", O * I, "bf16"),
      dy: normal("dy", N * O),
      y: zeros(N * O),
      dx: zeros(N * I),
      dw: normal("dw", O * I),
      few: zeros(9 * O),
      rstd: zeros(N),
      weight: normal("weight", I),
      dWeight: normal("dWeight", I),
    },
    call(k, b) {
      k.matmul({ out: b.y, x: b.x, w: b.w, residual: null, N, I, O });
      k.matmul({ out: b.few, x: b.x, w: b.w, residual: null, N: 9, I, O });
      k.matmulInputGradient({ dx: b.dx, dy: b.dy, w: b.w, accumulate: false, N, I, O });
      k.matmulWeightGradient({ dw: b.dw, dy: b.dy, x: b.x, N, I, O });
      k.rmsNorm({ out: b.x, rstd: b.rstd, x: b.x, weight: b.weight, epsilon: 1e-5, N, D: I });
      k.rmsNormBackward({
        dx: b.dx,
        dWeight: b.dWeight,
        dy: b.dx,
        x: b.x,
        weight: b.weight,
        rstd: b.rstd,
        residual: null,
        N,
        D: I,
      });
    },
  },
  attentionCase({ B: 2, queries: 200, keys: 210, H: 4, K: 2, E: 16 }),
  attentionCase({ B: 1, queries: 300, keys: 310, H: 4, K: 1, E: 64 }),
  attentionCase({ B: 3, queries: 1, keys: 300, H: 8, K: 2, E: 64 }),
  headCase(570, 33, 601, "f32"),
  ...operandCases().filter(({ name }) => name.includes("130")),
  ...kernelCases().filter(({ name }) => name.includes("20001")),
];
