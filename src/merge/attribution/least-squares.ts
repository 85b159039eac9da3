/**
 * The solution of H · x = b of smallest norm, by conjugate gradients.
 *
 * @param matrix  [i · n + j] symmetric, positive semi-definite; b is in its range
 */
export function solveLeastNorm(matrix: readonly number[], b: readonly number[]): number[] {
  const n = b.length;
  const x = b.map(() => 0);
  let residual = [...b];
  let direction = [...b];
  const limit = dot(b, b) * 1e-24;
  for (let step = 0; step < 2 * n && dot(residual, residual) > limit; step++) {
    const image = direction.map((_, i) => direction.reduce((sum, value, j) => sum + matrix[i * n + j] * value, 0));
    const curvature = dot(direction, image);
    if (!(curvature > 0)) break;
    const before = dot(residual, residual);
    const length = before / curvature;
    for (let i = 0; i < n; i++) x[i] += length * direction[i];
    residual = residual.map((value, i) => value - length * image[i]);
    const ratio = dot(residual, residual) / before;
    direction = residual.map((value, i) => value + ratio * direction[i]);
  }
  return x;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
