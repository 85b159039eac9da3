import type { TensorToMerge } from "./merge-method.js";

/** Parts merged in pairs: a part, or two sides. */
export type MergeTree = { readonly part: number } | { readonly left: MergeTree; readonly right: MergeTree };

/** Neighbours pair up until one is left: ((0,1),(2,3)) for four. An odd one goes on to the next level as it is. */
export function pairNeighbours(parts: number): MergeTree {
  if (!(parts >= 1)) throw new RangeError(`a merge needs at least one part, not ${parts}`);
  let level: MergeTree[] = Array.from({ length: parts }, (_, part) => ({ part }));
  while (level.length > 1) {
    const next: MergeTree[] = [];
    for (let i = 0; i < level.length; i += 2) {
      next.push(i + 1 < level.length ? { left: level[i], right: level[i + 1] } : level[i]);
    }
    level = next;
  }
  return level[0];
}

/** (a, b, share of b) → merged. */
export type Interpolation = (a: Float32Array, b: Float32Array, t: number) => Float32Array;

/**
 * One tensor through the tree. Sides that both trained it share equally; where one side did, the result takes `trainedShare` from
 * that side; where neither did, both hold the base.
 *
 * @param trains  whether a part trained this tensor
 * @param load    gives a part's tensor; called once for each part that trained it, in order
 */
export function mergeTree(
  tree: MergeTree,
  base: Float32Array,
  trains: (part: number) => boolean,
  load: (part: number) => Float32Array,
  trainedShare: number,
  interpolate: Interpolation,
): Float32Array {
  /** Null stands for the base: nothing below trained the tensor. */
  const merge = (node: MergeTree): Float32Array | null => {
    if ("part" in node) return trains(node.part) ? load(node.part) : null;
    const left = merge(node.left);
    const right = merge(node.right);
    if (left && right) return interpolate(left, right, 0.5);
    if (left) return interpolate(left, base, 1 - trainedShare);
    return right && interpolate(base, right, trainedShare);
  };
  return merge(tree) ?? base.slice();
}

/** `mergeTree` over the neighbours of all parts. */
export function mergePairs(tensor: TensorToMerge, trainedShare: number, interpolate: Interpolation): Float32Array {
  const { base, parts, owners, load } = tensor;
  return mergeTree(pairNeighbours(parts), base, (part) => owners.includes(part), load, trainedShare, interpolate);
}

/** What each part's change counts in the tree's result for a tensor, where interpolation is linear; the rest is the base. */
export function treeWeights(
  tree: MergeTree,
  parts: number,
  trains: (part: number) => boolean,
  trainedShare: number,
): number[] {
  return Array.from({ length: parts }, (_, part) => {
    const load = (other: number) => new Float32Array([other === part ? 1 : 0]);
    const mix: Interpolation = (a, b, t) => new Float32Array([(1 - t) * a[0] + t * b[0]]);
    return mergeTree(tree, new Float32Array(1), trains, load, trainedShare, mix)[0];
  });
}
