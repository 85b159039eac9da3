/** Calls of the kernels of optimizers with seeded data, for every device. */
import { normal, zeros, type KernelCase } from "./case-tensors.js";

export function optimizerCases(length: number): KernelCase[] {
  return [
    {
      name: `adamW, fill and squaredNorm ${length}`,
      tensors: {
        weight: normal("weight", length),
        gradient: normal("gradient", length, "f32", 0.01),
        m: normal("m", length, "f32", 0.01),
        v: { dtype: "f32", data: normal("v", length, "f32", 0.01).data.map((value) => value * value) },
        norms: zeros(3, "f64"),
        filled: normal("filled", length),
      },
      call(k, b) {
        k.squaredNorm({ out: b.norms, index: 1, x: b.gradient });
        k.fill({ buffer: b.filled, value: 0.25 });
        k.adamW({
          weight: b.weight,
          gradient: b.gradient,
          m: b.m,
          v: b.v,
          learningRate: 1e-3,
          beta1: 0.9,
          beta2: 0.95,
          epsilon: 1e-8,
          weightDecay: 0.1,
          step: 3,
          gradientScale: 0.5,
        });
      },
    },
    {
      name: `momentumStep, normalize and blend ${length}`,
      tensors: {
        gradient: normal("gradient", length, "f32", 0.01),
        plain: normal("plain", length),
        m: normal("m", length, "f32", 0.01),
        mPlain: normal("mPlain", length),
        squares: zeros(2, "f64"),
        normalized: zeros(length),
        least: zeros(length),
        x: normal("x", length),
        blended: normal("blended", length),
        first: normal("first", length),
      },
      call(k, b) {
        k.momentumStep({ gradient: b.gradient, m: b.m, momentum: 0.95, nesterov: true, gradientScale: 0.5 });
        k.momentumStep({ gradient: b.plain, m: b.mPlain, momentum: 0.9, nesterov: false, gradientScale: 1 });
        k.squaredNorm({ out: b.squares, index: 1, x: b.gradient });
        k.normalize({ out: b.normalized, x: b.gradient, squares: b.squares, index: 1, epsilon: 1e-7 });
        k.normalize({ out: b.least, x: b.gradient, squares: b.squares, index: 0, epsilon: 0.5 });
        k.normalize({ out: b.plain, x: b.plain, squares: b.squares, index: 0, epsilon: 2 });
        k.blend({ out: b.blended, x: b.x, keep: 0.75, add: -0.125 });
        k.blend({ out: b.first, x: b.x, keep: 0, add: 1 });
      },
    },
  ];
}

/** Coefficients that keep rounding errors small, so that a wrong term stands out. */
export function orthogonalizeCase(rows: number, columns: number, blockRows: number): KernelCase {
  return {
    name: `orthogonalize ${rows}×${columns} in blocks of ${blockRows}`,
    tensors: {
      x: normal("x", rows * columns),
      out: zeros(rows * columns),
      zero: zeros(rows * columns),
      none: zeros(rows * columns),
    },
    call(k, b) {
      const named = { a: 1.5, b: -0.75, c: 0.25, iterations: 3, epsilon: 1e-7, blockRows, rows, columns };
      k.orthogonalize({ ...named, out: b.out, x: b.x });
      k.orthogonalize({ ...named, out: b.none, x: b.zero });
    },
  };
}
