import type { Kernels } from "../kernels.js";
import { floats } from "./memory.js";

export const optimizer: Pick<Kernels, "squaredNorm" | "adamW"> = {
  squaredNorm({ out, index, x }) {
    const values = floats(x);
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
    floats(out)[index] = sum;
  },

  // d = g · gradientScale, m ← β1 m + (1 − β1) d, v ← β2 v + (1 − β2) d²,
  // w ← w · (1 − η · weightDecay) − η · (m / (1 − β1ᵗ)) / (√(v / (1 − β2ᵗ)) + ε), g ← 0.
  adamW({ weight, gradient, m, v, ...options }) {
    const [w, g, first, second] = [floats(weight), floats(gradient), floats(m), floats(v)];
    const { learningRate, beta1, beta2, epsilon, weightDecay, step, gradientScale } = options;
    const correction1 = 1 - beta1 ** step;
    const correction2 = 1 - beta2 ** step;
    for (let i = 0; i < w.length; i++) {
      const d = g[i] * gradientScale;
      first[i] = beta1 * first[i] + (1 - beta1) * d;
      second[i] = beta2 * second[i] + (1 - beta2) * d * d;
      const change = first[i] / correction1 / (Math.sqrt(second[i] / correction2) + epsilon);
      w[i] = w[i] * (1 - learningRate * weightDecay) - learningRate * change;
      g[i] = 0;
    }
  },
};
