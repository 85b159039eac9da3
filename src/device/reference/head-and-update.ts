import type { Kernels } from "../kernels.js";
import { floats, integers, roundTo } from "./reference-buffer.js";

type Names = "fill" | "copy" | "headLoss" | "squaredNorm" | "adamW";

export const headAndUpdateKernels: Pick<Kernels, Names> = {
  fill(buffer, value) {
    floats(buffer).fill(value);
  },

  copy(outBuffer, xBuffer) {
    const [out, x] = [outBuffer, xBuffer].map(floats);
    for (let i = 0; i < x.length; i++) out[i] = roundTo(outBuffer.dtype, x[i]);
  },

  // loss = log Σ_v exp(l_v) − l_target, l_v = x·w_v. So dl_v = softmax(l)_v − [v = target], dx = Σ dl_v w_v, dw_v += dl_v x.
  headLoss(lossesBuffer, bestBuffer, dxBuffer, dwBuffer, xBuffer, wBuffer, targetsBuffer, scale, N, D, V) {
    const [losses, x, w] = [lossesBuffer, xBuffer, wBuffer].map(floats);
    const dx = dxBuffer && floats(dxBuffer);
    const dw = dwBuffer && floats(dwBuffer);
    const best = bestBuffer && integers(bestBuffer);
    const targets = integers(targetsBuffer);
    const logits = new Float64Array(V);
    for (let n = 0; n < N; n++) {
      let largest = 0;
      for (let v = 0; v < V; v++) {
        let dot = 0;
        for (let d = 0; d < D; d++) dot += x[n * D + d] * w[v * D + d];
        logits[v] = dot;
        if (dot > logits[largest]) largest = v;
      }
      if (best) best[n] = largest;
      const peak = logits[largest];
      let total = 0;
      for (let v = 0; v < V; v++) total += Math.exp(logits[v] - peak);
      const target = targets[n];
      losses[n] = target < 0 ? 0 : peak + Math.log(total) - logits[target];
      if (!dx) continue;
      dx.fill(0, n * D, (n + 1) * D);
      if (target < 0) continue;
      for (let v = 0; v < V; v++) {
        const dLogit = scale * (Math.exp(logits[v] - peak) / total - (v === target ? 1 : 0));
        for (let d = 0; d < D; d++) {
          dx[n * D + d] += dLogit * w[v * D + d];
          if (dw) dw[v * D + d] += dLogit * x[n * D + d];
        }
      }
    }
  },

  squaredNorm(out, index, x) {
    let sum = 0;
    for (const value of floats(x)) sum += value * value;
    floats(out)[index] = sum;
  },

  adamW(weightBuffer, gradientBuffer, mBuffer, vBuffer, settings) {
    const [weight, gradient, m, v] = [weightBuffer, gradientBuffer, mBuffer, vBuffer].map(floats);
    const { learningRate, beta1, beta2, epsilon, weightDecay, step, gradientScale } = settings;
    const correction1 = 1 - beta1 ** step;
    const correction2 = 1 - beta2 ** step;
    for (let i = 0; i < weight.length; i++) {
      const g = gradient[i] * gradientScale;
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      v[i] = beta2 * v[i] + (1 - beta2) * g * g;
      const change = m[i] / correction1 / (Math.sqrt(v[i] / correction2) + epsilon);
      weight[i] = weight[i] * (1 - learningRate * weightDecay) - learningRate * change;
    }
  },
};
