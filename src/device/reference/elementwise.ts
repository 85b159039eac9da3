import type { Kernels } from "../kernels.js";
import { floats, integers, referenceBuffer, roundToDType, store } from "./memory.js";

type ElementwiseKernels = Pick<
  Kernels,
  "fill" | "copy" | "embed" | "embedBackward" | "addBias" | "biasGradient" | "rope" | "swiglu" | "swigluBackward"
>;

export const elementwise: ElementwiseKernels = {
  fill({ buffer, value }) {
    floats(buffer).fill(value);
  },

  copy({ out, x }) {
    store(referenceBuffer(out), referenceBuffer(x).data);
  },

  embed({ out, table, ids, N, D }) {
    const [o, t, id] = [floats(out), floats(table), integers(ids)];
    for (let n = 0; n < N; n++) {
      for (let d = 0; d < D; d++) o[n * D + d] = t[id[n] * D + d];
    }
  },

  embedBackward({ dTable, dOut, ids, N, D }) {
    const [dt, dy, id] = [floats(dTable), floats(dOut), integers(ids)];
    for (let n = 0; n < N; n++) {
      for (let d = 0; d < D; d++) dt[id[n] * D + d] += dy[n * D + d];
    }
  },

  addBias({ out, x, bias, N, O }) {
    const [y, values, b] = [floats(out), floats(x), floats(bias)];
    for (let n = 0; n < N; n++) {
      for (let o = 0; o < O; o++) y[n * O + o] = values[n * O + o] + b[o];
    }
    roundToDType(out);
  },

  // forward: y[n] = x[n] + bias. So dBias += Σ over rows of dy[n].
  biasGradient({ dBias, dy, N, O }) {
    const [db, d] = [floats(dBias), floats(dy)];
    for (let o = 0; o < O; o++) {
      let sum = 0;
      for (let n = 0; n < N; n++) sum += d[n * O + o];
      db[o] += sum;
    }
  },

  // (a, b) = (x[j], x[j + E/2]) → (a · cos − b · sin, b · cos + a · sin).
  rope({ out, x, positions, cosine, sine, inverse, N, heads, E }) {
    const [to, values, at, cos, sin] = [floats(out), floats(x), integers(positions), floats(cosine), floats(sine)];
    const half = E / 2;
    for (let n = 0; n < N; n++) {
      for (let head = 0; head < heads; head++) {
        const start = (n * heads + head) * E;
        for (let j = 0; j < half; j++) {
          const c = cos[at[n] * half + j];
          const s = inverse ? -sin[at[n] * half + j] : sin[at[n] * half + j];
          const a = values[start + j];
          const b = values[start + j + half];
          to[start + j] = a * c - b * s;
          to[start + j + half] = b * c + a * s;
        }
      }
    }
    roundToDType(out);
  },

  swiglu({ out, gate, up, length }) {
    const [o, g, u] = [floats(out), floats(gate), floats(up)];
    for (let i = 0; i < length; i++) o[i] = (g[i] / (1 + Math.exp(-g[i]))) * u[i];
    roundToDType(out);
  },

  // forward: out = silu(g) · u with silu(g) = g · σ(g), σ(g) = 1/(1 + e^−g).
  // So dU = dOut · g · σ, and dG = dOut · u · (σ + g · σ · (1 − σ)).
  swigluBackward({ dGate, dUp, gated, dOut, gate, up, length }) {
    const [dg, du, dy, g, u] = [floats(dGate), floats(dUp), floats(dOut), floats(gate), floats(up)];
    const recomputed = gated && floats(gated);
    for (let i = 0; i < length; i++) {
      const x = g[i];
      const y = u[i];
      const d = dy[i];
      const sigma = 1 / (1 + Math.exp(-x));
      dg[i] = d * y * sigma * (1 + x * (1 - sigma));
      du[i] = d * x * sigma;
      if (recomputed) recomputed[i] = x * sigma * y;
    }
    for (const written of gated ? [dGate, dUp, gated] : [dGate, dUp]) roundToDType(written);
  },
};
