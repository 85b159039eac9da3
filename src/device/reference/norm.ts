import type { Kernels } from "../kernels.js";
import { floats, roundToDType } from "./memory.js";

export const norm: Pick<Kernels, "rmsNorm" | "rmsNormBackward"> = {
  // y = x · r · weight with r = 1/√(mean(x²) + epsilon) per row.
  rmsNorm({ out, rstd, x, weight, epsilon, N, D }) {
    const [o, r, v, w] = [floats(out), floats(rstd), floats(x), floats(weight)];
    for (let n = 0; n < N; n++) {
      let sum = 0;
      for (let d = 0; d < D; d++) sum += v[n * D + d] ** 2;
      r[n] = 1 / Math.sqrt(sum / D + epsilon);
      for (let d = 0; d < D; d++) o[n * D + d] = v[n * D + d] * r[n] * w[d];
    }
    roundToDType(out);
  },

  // forward: y = n · weight, n = x · r. So dWeight += dy · n, and with g = dy · weight:
  // dx = r · (g − n · mean(g · n)); the second term is needed because r depends on every x of the row.
  rmsNormBackward({ dx, dWeight, dy, x, weight, rstd, residual, N, D }) {
    const [out, dOut, v, w, r] = [floats(dx), floats(dy), floats(x), floats(weight), floats(rstd)];
    const dw = dWeight && floats(dWeight);
    const rest = residual && floats(residual);
    for (let n = 0; n < N; n++) {
      const row = n * D;
      let mean = 0;
      for (let d = 0; d < D; d++) mean += dOut[row + d] * w[d] * v[row + d] * r[n];
      mean /= D;
      for (let d = 0; d < D; d++) {
        const g = dOut[row + d];
        const normed = v[row + d] * r[n];
        if (dw) dw[d] += g * normed;
        out[row + d] = (rest ? rest[row + d] : 0) + r[n] * (g * w[d] - normed * mean);
      }
    }
  },
};
