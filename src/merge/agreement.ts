import type { MeasuredTensor } from "./change-meter.js";

/** How well the changes of the parts agree in direction. */
export interface Agreement {
  /** Mean cosine over pairs of parts that trained the same tensors; null if no tensor has two owners. */
  readonly cosine: number | null;
  /** ‖mean change‖ / mean ‖change‖ over tensors with two owners or more: 1 when they agree, 1/√n when independent. */
  readonly meanNormRatio: number | null;
  /** ‖change‖ of each part, over all its trained tensors. */
  readonly changeNorms: readonly number[];
}

/** @param parts  P: owners are in [0, P) */
export function agreementOf(tensors: readonly MeasuredTensor[], parts: number): Agreement {
  const square = () => Array.from({ length: parts }, () => new Float64Array(parts));
  /** [i][j], i < j: dot product of the changes of parts i and j, over the tensors that both trained. */
  const dots = square();
  /** [i][j]: squared norm of i's change, over the tensors that both trained. */
  const squares = square();
  let meanSquared = 0;
  let normSquared = 0;
  for (const { owners, products } of tensors.filter((tensor) => tensor.products.length > 0)) {
    const size = owners.length + 1;
    let sum = 0;
    for (const [a, i] of owners.entries()) {
      for (const [b, j] of owners.entries()) {
        const product = products[Math.min(a, b) * size + Math.max(a, b)];
        sum += product;
        squares[i][j] += products[a * size + a];
        if (a < b) dots[i][j] += product;
      }
    }
    if (owners.length < 2) continue;
    meanSquared += Math.max(0, sum) / owners.length ** 2;
    const norms = owners.reduce((total, _, a) => total + Math.sqrt(products[a * size + a]), 0);
    normSquared += (norms / owners.length) ** 2;
  }
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
}
