import type { Kernels } from "../kernels.js";
import { floats, integers } from "./reference-buffer.js";

type Names = "embed" | "embedBackward" | "rmsNorm" | "rmsNormBackward" | "rope" | "swiglu" | "swigluBackward";

/** Kernels that work row by row or element by element. */
export const rowKernels: Pick<Kernels, Names> = {
  embed(outBuffer, tableBuffer, idsBuffer, N, D) {
    const [out, table] = [outBuffer, tableBuffer].map(floats);
    const ids = integers(idsBuffer);
    for (let n = 0; n < N; n++) {
      for (let d = 0; d < D; d++) out[n * D + d] = table[ids[n] * D + d];
    }
  },

  embedBackward(dTableBuffer, dOutBuffer, idsBuffer, N, D) {
    const [dTable, dOut] = [dTableBuffer, dOutBuffer].map(floats);
    const ids = integers(idsBuffer);
    for (let n = 0; n < N; n++) {
      for (let d = 0; d < D; d++) dTable[ids[n] * D + d] += dOut[n * D + d];
    }
  },

  rmsNorm(outBuffer, rstdBuffer, xBuffer, weightBuffer, epsilon, N, D) {
    const [out, rstd, x, weight] = [outBuffer, rstdBuffer, xBuffer, weightBuffer].map(floats);
    for (let n = 0; n < N; n++) {
      let squares = 0;
      for (let d = 0; d < D; d++) squares += x[n * D + d] ** 2;
      const r = 1 / Math.sqrt(squares / D + epsilon);
      rstd[n] = r;
      for (let d = 0; d < D; d++) out[n * D + d] = x[n * D + d] * r * weight[d];
    }
  },

  // forward: y = x̂ · weight, x̂ = x · r. So dWeight += dy · x̂, and with g = dy · weight:
  // dx = r · (g − x̂ · mean(g · x̂)); the second term is there because r depends on every x of the row.
  rmsNormBackward(dxBuffer, dWeightBuffer, dyBuffer, xBuffer, weightBuffer, rstdBuffer, residualBuffer, N, D) {
    const [dx, dy, x, weight, rstd] = [dxBuffer, dyBuffer, xBuffer, weightBuffer, rstdBuffer].map(floats);
    const dWeight = dWeightBuffer && floats(dWeightBuffer);
    const residual = residualBuffer && floats(residualBuffer);
    for (let n = 0; n < N; n++) {
      const r = rstd[n];
      let mean = 0;
      for (let d = 0; d < D; d++) mean += (dy[n * D + d] * weight[d] * x[n * D + d] * r) / D;
      for (let d = 0; d < D; d++) {
        const i = n * D + d;
        const normed = x[i] * r;
        if (dWeight) dWeight[d] += dy[i] * normed;
        const own = r * (dy[i] * weight[d] - normed * mean);
        dx[i] = residual ? residual[i] + own : own;
      }
    }
  },

  rope(xBuffer, positionsBuffer, cosineBuffer, sineBuffer, inverse, N, heads, E) {
    const [x, cosine, sine] = [xBuffer, cosineBuffer, sineBuffer].map(floats);
    const positions = integers(positionsBuffer);
    const half = E / 2;
    for (let n = 0; n < N; n++) {
      for (let h = 0; h < heads; h++) {
        for (let j = 0; j < half; j++) {
          const low = (n * heads + h) * E + j;
          const high = low + half;
          const cos = cosine[positions[n] * half + j];
          const sin = inverse ? -sine[positions[n] * half + j] : sine[positions[n] * half + j];
          const [a, b] = [x[low], x[high]];
          x[low] = a * cos - b * sin;
          x[high] = b * cos + a * sin;
        }
      }
    }
  },

  swiglu(outBuffer, gateBuffer, upBuffer, length) {
    const [out, gate, up] = [outBuffer, gateBuffer, upBuffer].map(floats);
    for (let i = 0; i < length; i++) out[i] = (gate[i] / (1 + Math.exp(-gate[i]))) * up[i];
  },

  // forward: out = silu(g) · u, silu(g) = g · s, s = 1/(1 + e^−g). So du = dOut · silu(g),
  // dg = dOut · u · s · (1 + g · (1 − s)).
  swigluBackward(dGateBuffer, dUpBuffer, dOutBuffer, gateBuffer, upBuffer, length) {
    const [dGate, dUp, dOut, gate, up] = [dGateBuffer, dUpBuffer, dOutBuffer, gateBuffer, upBuffer].map(floats);
    for (let i = 0; i < length; i++) {
      const [g, u] = [gate[i], up[i]];
      const s = 1 / (1 + Math.exp(-g));
      dUp[i] = dOut[i] * g * s;
      dGate[i] = dOut[i] * u * s * (1 + g * (1 - s));
    }
  },
};
