import type { TensorToMerge } from "./merge-method.js";

/** A binary tree of merges: a part, or two sides. */
export type MergeTree = { readonly part: number } | { readonly left: MergeTree; readonly right: MergeTree };

/** Merges adjacent nodes until one is left: ((0,1),(2,3)) for four parts. An odd last node moves to the next level. */
export function pairAdjacent(parts: number): MergeTree {
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
 * Merges one tensor along the tree. Two sides that trained it have equal weights; if only one side did, its weight is
 * `trainedShare` and the other side is the base; if neither did, the result is the base.
 *
 * @param trains  whether a part trained this tensor
 * @param load    a part's tensor; called once for each part that trained it, in order
 */
export function mergeTree(
  tree: MergeTree,
  base: Float32Array,
  trains: (part: number) => boolean,
  load: (part: number) => Float32Array,
  trainedShare: number,
  interpolate: Interpolation,
): Float32Array {
  /** Null means the base: no part below this node trained the tensor. */
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

/** `mergeTree` with adjacent parts in pairs. */
export function mergePairs(tensor: TensorToMerge, trainedShare: number, interpolate: Interpolation): Float32Array {
  const { base, parts, owners, load } = tensor;
  return mergeTree(pairAdjacent(parts), base, (part) => owners.includes(part), load, trainedShare, interpolate);
}

/** The weight of each part's tensor in the result of the tree with linear interpolation; the base has the rest. */
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
