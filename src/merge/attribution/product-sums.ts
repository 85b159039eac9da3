/** The upper left square, of `count` rows, of one with `size` rows; empty if that is. */
export function upperLeft(sums: Float64Array, size: number, count: number): number[] {
  if (sums.length === 0) return [];
  return Array.from({ length: count * count }, (_, i) => sums[Math.floor(i / count) * size + (i % count)]);
}

/**
 * The least |cosine| of two of the tensors base + change, from the products of the changes and of the base, which is
 * the last of `size` vectors; null without a pair.
 *
 * @param owners    how many changes there are; between them and the base is that of the result
 * @param withBase  whether the base is one of the tensors
 */
export function leastCosine(sums: Float64Array, size: number, owners: number, withBase: boolean): number | null {
  const at = (i: number, j: number) => sums[i * size + j];
  const last = size - 1;
  // The base itself is the tensor without a change.
  const change = (i: number, j: number) => (i === last || j === last ? 0 : at(i, j));
  const withTheBase = (i: number) => (i === last ? 0 : at(i, last));
  const product = (i: number, j: number) => at(last, last) + withTheBase(i) + withTheBase(j) + change(i, j);
  const mixed = [...Array(owners).keys(), ...(withBase ? [last] : [])];
  const cosines = mixed.flatMap((i, n) =>
    mixed.slice(n + 1).flatMap((j) => {
      const norms = Math.sqrt(product(i, i)) * Math.sqrt(product(j, j));
      return norms > 0 ? [Math.abs(product(i, j)) / norms] : [];
    }),
  );
  return cosines.length === 0 ? null : Math.min(...cosines);
}
