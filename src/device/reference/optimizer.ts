import type { Kernels } from "../kernels.js";
import { floats, roundToDType } from "./memory.js";

type OptimizerKernels = Pick<
  Kernels,
  "squaredNorm" | "adamW" | "momentumStep" | "normalize" | "blend" | "orthogonalize"
>;

export const optimizer: OptimizerKernels = {
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

  // d = g · gradientScale, m ← μ m + (1 − μ) d, g ← μ m + (1 − μ) d (nesterov) or m.
  momentumStep({ gradient, m, momentum, nesterov, gradientScale }) {
    const [g, first] = [floats(gradient), floats(m)];
    for (let i = 0; i < g.length; i++) {
      const d = g[i] * gradientScale;
      const mean = momentum * first[i] + (1 - momentum) * d;
      first[i] = mean;
      g[i] = nesterov ? momentum * mean + (1 - momentum) * d : mean;
    }
  },

  normalize({ out, x, squares, index, epsilon }) {
    const [y, values] = [floats(out), floats(x)];
    const norm = Math.max(Math.sqrt(floats(squares)[index]), epsilon);
    for (let i = 0; i < y.length; i++) y[i] = values[i] / norm;
    roundToDType(out);
  },

  blend({ out, x, keep, add }) {
    const [y, values] = [floats(out), floats(x)];
    for (let i = 0; i < y.length; i++) y[i] = keep * y[i] + add * values[i];
  },

  // X ← X / ‖X‖, then X ← a X + (b G + c G²) X with G = X Xᵀ, for each block of rows or its transpose.
  orthogonalize({ out, x, blockRows, a, b, c, iterations, epsilon, rows, columns }) {
    const [y, values] = [floats(out), floats(x)];
    for (let first = 0; first < rows; first += blockRows) {
      const n = Math.min(blockRows, rows - first);
      const isTall = n > columns;
      const [size, length] = isTall ? [columns, n] : [n, columns];
      const place = (i: number, j: number) => (first + (isTall ? j : i)) * columns + (isTall ? i : j);
      const block = (of: (i: number, j: number) => number) =>
        Array.from({ length: size }, (_, i) => Float64Array.from({ length }, (_unused, j) => of(i, j)));
      let current = block((i, j) => values[place(i, j)]);
      const norm = Math.sqrt(current.reduce((sum, row) => sum + dotOf(row, row), 0));
      current = block((i, j) => current[i][j] / Math.max(norm, epsilon));
      for (let k = 0; k < iterations; k++) {
        const gram = current.map((row) => Float64Array.from(current, (other) => dotOf(row, other)));
        const polynomial = gram.map((row, i) => row.map((value, j) => b * value + c * dotOf(gram[i], gram[j])));
        const before = current;
        current = block(
          (i, j) => a * before[i][j] + polynomial[i].reduce((sum, value, p) => sum + value * before[p][j], 0),
        );
      }
      for (let i = 0; i < size; i++) for (let j = 0; j < length; j++) y[place(i, j)] = current[i][j];
    }
  },
};

function dotOf(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
