import type { MergeKernels } from "./core/kernels.js";

/** How well the changes of the parts agree in direction. */
export interface Agreement {
  /** Mean cosine over pairs of parts that trained the same tensors; null if no tensor has two owners. */
  readonly cosine: number | null;
  /** ‖mean change‖ / mean ‖change‖ over tensors with two owners or more: 1 when they agree, 1/√n when independent. */
  readonly meanNormRatio: number | null;
  /** ‖change‖ of each part, over all its trained tensors. */
  readonly changeNorms: readonly number[];
}

export interface AgreementMeter {
  /** A chunk of the current tensor: the base's elements and those of each owner. */
  add(base: Float32Array, owners: readonly { readonly part: number; readonly values: Float32Array }[]): void;
  /** Ends the current tensor. */
  endTensor(): void;
  finish(): Agreement;
}

/** Accumulates dot products of the parts' changes, in f64. */
export function measureAgreement(parts: number, kernels: Pick<MergeKernels, "difference" | "gram">): AgreementMeter {
  /** The changes of a chunk, by owner; reused. */
  const changes: Float32Array[] = [];
  const square = () => Array.from({ length: parts }, () => new Float64Array(parts));
  let tensor = square();
  let owners: readonly number[] = [];
  /** [i][j], i < j: dot product of the changes of parts i and j, over the tensors that both trained. */
  const dots = square();
  /** [i][j]: squared norm of i's change, over the tensors that both trained. */
  const squares = square();
  let meanSquared = 0;
  let normSquared = 0;
  return {
    add(base, chunks) {
      owners = chunks.map(({ part }) => part);
      const products = kernels.gram(
        chunks.map(({ values }, n) => (changes[n] = kernels.difference(values, base, "f32", changes[n]))),
      );
      owners.forEach((i, a) => owners.forEach((j, b) => (tensor[i][j] += products[a * owners.length + b])));
    },
    endTensor() {
      let sum = 0;
      for (const i of owners) {
        for (const j of owners) {
          sum += tensor[Math.min(i, j)][Math.max(i, j)];
          squares[i][j] += tensor[i][i];
          if (i < j) dots[i][j] += tensor[i][j];
        }
      }
      if (owners.length > 1) {
        meanSquared += Math.max(0, sum) / owners.length ** 2;
        normSquared += (owners.reduce((total, i) => total + Math.sqrt(tensor[i][i]), 0) / owners.length) ** 2;
      }
      tensor = square();
      owners = [];
    },
    finish() {
      const cosines: number[] = [];
      for (let i = 0; i < parts; i++) {
        for (let j = i + 1; j < parts; j++) {
          const norms = Math.sqrt(squares[i][j] * squares[j][i]);
          if (norms > 0) cosines.push(dots[i][j] / norms);
        }
      }
      return {
        cosine: cosines.length > 0 ? cosines.reduce((a, b) => a + b, 0) / cosines.length : null,
        meanNormRatio: normSquared > 0 ? Math.sqrt(meanSquared / normSquared) : null,
        changeNorms: squares.map((row, i) => Math.sqrt(row[i])),
      };
    },
  };
}
