import type { MergeInput, TensorToMerge } from "../../core/method.js";
import { sphericalShares } from "../averages/spherical-shares.js";

/** One of the vectors, or a mix of two sides. `weights` are those of all vectors in it. */
export type Mixture = { readonly weights: readonly number[] } & (
  | { readonly kind: "leaf"; readonly index: number }
  | {
      readonly kind: "mix";
      readonly left: Mixture;
      readonly right: Mixture;
      /** Of the left and of the right side. */
      readonly shares: readonly [number, number];
      readonly isLinear: boolean;
    }
);

/** Merges adjacent nodes until one is left: ((0, 1), (2, 3)) of four. An odd last one moves to the next level. */
export function pairAdjacent<Node>(nodes: readonly Node[], join: (left: Node, right: Node) => Node): Node {
  if (nodes.length === 0) throw new RangeError("a tree needs at least one node");
  let level = nodes;
  while (level.length > 1) {
    const next: Node[] = [];
    for (let i = 0; i < level.length; i += 2) {
      next.push(i + 1 < level.length ? join(level[i], level[i + 1]) : level[i]);
    }
    level = next;
  }
  return level[0];
}

export function leafOf(index: number, count: number): Mixture {
  return { kind: "leaf", index, weights: Array.from({ length: count }, (_, k) => (k === index ? 1 : 0)) };
}

/** What the angle of two mixtures is computed from. */
interface Spherical {
  readonly tensor: TensorToMerge;
  readonly vectors: readonly MergeInput[];
  /** [i · n + j]: of the vectors. */
  products(): Float64Array;
}

/**
 * Interpolates between two mixtures, linearly if `spherical` is null. A mixture is linear in the vectors, so that the
 * vectors' products give every angle of the tree.
 */
export function mixtureOf(left: Mixture, right: Mixture, t: number, spherical: Spherical | null): Mixture {
  const shares = spherical === null ? null : sharesByAngle(left, right, t, spherical);
  const [a, b] = shares ?? [1 - t, t];
  const weights = left.weights.map((weight, k) => a * weight + b * right.weights[k]);
  return { kind: "mix", left, right, shares: [a, b], isLinear: shares === null, weights };
}

function sharesByAngle(
  left: Mixture,
  right: Mixture,
  t: number,
  { tensor, vectors, products }: Spherical,
): [number, number] | null {
  const gram = products();
  const product = (a: Mixture, b: Mixture) =>
    a.weights.reduce(
      (sum, weight, i) =>
        sum + weight * b.weights.reduce((row, other, j) => row + other * gram[i * vectors.length + j], 0),
      0,
    );
  const three = [product(left, left), product(left, right), product(right, right)] as const;
  if (!three.every(Number.isFinite)) {
    tensor.note("window-tree acted as linear where elements are not finite");
    return null;
  }
  const shares = sphericalShares(three, t);
  if (shares === null) {
    tensor.note("window-tree acted as linear where the sides are almost parallel (|cosine| above 0.9995)");
    return null;
  }
  return shares;
}
