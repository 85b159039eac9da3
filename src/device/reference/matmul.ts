import type { Kernels } from "../kernels.js";
import { floats, roundToDType, type Operand } from "./memory.js";

type Products = Pick<Kernels, "matmul" | "matmulInputGradient" | "matmulWeightGradient" | "gram">;

export const matmul = (operand: Operand): Products => ({
  // x [N,I], w [O,I], out [N,O]: out = x · wᵀ (+ residual).
  matmul({ out, x, w, residual, N, I, O }) {
    const [y, a, b] = [floats(out), operand(x), operand(w)];
    const rest = residual && floats(residual);
    for (let n = 0; n < N; n++) {
      for (let o = 0; o < O; o++) {
        let sum = 0;
        for (let i = 0; i < I; i++) sum += a[n * I + i] * b[o * I + i];
        y[n * O + o] = rest ? rest[n * O + o] + sum : sum;
      }
    }
    roundToDType(out);
  },

  // forward: y = x · wᵀ. So dx = dy · w.
  matmulInputGradient({ dx, dy, w, accumulate, N, I, O }) {
    const [out, d, b] = [floats(dx), operand(dy), operand(w)];
    const sums = new Float64Array(I);
    for (let n = 0; n < N; n++) {
      sums.fill(0);
      for (let o = 0; o < O; o++) {
        const g = d[n * O + o];
        for (let i = 0; i < I; i++) sums[i] += g * b[o * I + i];
      }
      for (let i = 0; i < I; i++) out[n * I + i] = accumulate ? out[n * I + i] + sums[i] : sums[i];
    }
    roundToDType(dx);
  },

  // forward: y = x · wᵀ. So dw += dyᵀ · x.
  matmulWeightGradient({ dw, dy, x, N, I, O }) {
    const [out, d, a] = [floats(dw), operand(dy), operand(x)];
    const sums = new Float64Array(I);
    for (let o = 0; o < O; o++) {
      sums.fill(0);
      for (let n = 0; n < N; n++) {
        const g = d[n * O + o];
        for (let i = 0; i < I; i++) sums[i] += g * a[n * I + i];
      }
      for (let i = 0; i < I; i++) out[o * I + i] += sums[i];
    }
  },

  gram({ out, x, ofColumns, N, I }) {
    const [y, a] = [floats(out), operand(x)];
    const [size, length] = ofColumns ? [I, N] : [N, I];
    const [row, next] = ofColumns ? [1, I] : [I, 1];
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        let sum = 0;
        for (let k = 0; k < length; k++) sum += a[i * row + k * next] * a[j * row + k * next];
        y[i * size + j] = sum;
      }
    }
  },
});
