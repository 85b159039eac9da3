/** Above this |cosine| the interpolation is linear. */
const colinear = 0.9995;
/** A vector with at most this norm is not normalized. */
const smallestNorm = 1e-8;

/**
 * The shares of two vectors in their spherical interpolation, in f32 steps; null if they are almost parallel, where it
 * is linear.
 *
 * @param products  of the first with itself, of both, and of the second with itself
 * @param t         0 is the first, 1 the second
 */
export function sphericalShares(products: readonly [number, number, number], t: number): [number, number] | null {
  const [aa, ab, bb] = products;
  const norm = (squared: number) => (Math.sqrt(squared) > smallestNorm ? Math.sqrt(squared) : 1);
  const cosine = Math.fround(ab / (norm(aa) * norm(bb)));
  if (Math.abs(cosine) > colinear) return null;
  const angle = Math.fround(Math.acos(cosine));
  const sine = Math.fround(Math.sin(angle));
  const part = Math.fround(angle * Math.fround(t));
  return [Math.fround(Math.sin(Math.fround(angle - part))) / sine, Math.fround(Math.sin(part)) / sine];
}
