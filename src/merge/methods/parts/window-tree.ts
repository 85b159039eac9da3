import { checkInputs } from "../../core/check-inputs.js";
import type { MergeVector } from "../../core/kernels.js";
import { rounder } from "../../core/kernels/rounding.js";
import type { MergeInput, MergeMethod, TensorToMerge } from "../../core/method.js";
import type { MixOptions } from "../../core/task-vector-kernels.js";
import { areCopies, chunkReader, chunksOf, copyOf } from "../../core/tensor-chunks.js";
import { gramOf } from "../averages/gram.js";
import { flag } from "../averages/parameters.js";
import { baseOf } from "../task-vectors/front-end/changes.js";
import { ownership } from "./owners.js";
import { leafOf, pairAdjacent, type Mixture, mixtureOf } from "./tree.js";

export const trainedShare = {
  description: "Weight of the side that trained a tensor, if the other side did not.",
  type: "number",
  default: 0.8,
  minimum: 0,
  maximum: 1,
} as const;

export const windowTree: MergeMethod = {
  name: "window-tree",
  label: "Window tree",
  concept:
    "Merges adjacent models in pairs until one is left. Two sides that own a tensor count equally; if only one does, " +
    "it has trained_share and the base the rest. In rounds of training the windows say who owns it; in a " +
    "configuration, a model owns a tensor that differs from the base's in any bit.",
  use: "Choose it to repeat the paper's merges of models that trained different windows of layers; else see union.",
  source: "method.md",
  inputs: { base: "required", minimum: 1, maximum: Infinity },
  parameters: {
    trained_share: trainedShare,
    spherical: flag("Interpolate as slerp does, not linearly.", true),
  },
  inputParameters: {},
  check: (tensor) => checkInputs(windowTree, tensor),
  *merge(tensor) {
    windowTree.check?.(tensor);
    const base = baseOf(tensor);
    const owns = ownership(tensor, base);
    const owners = tensor.inputs.filter((_, i) => owns[i]);
    const vectors = [...owners, base];
    const result = merged(tensor, owns, vectors);
    if (result === null) return yield* copyOf(tensor, base);
    if (result.kind === "leaf") return yield* copyOf(tensor, vectors[result.index]);
    yield* mixedChunks(tensor, owners, base, result);
  },
};

/** The root of the tree; null if it is the base. */
function merged(tensor: TensorToMerge, owns: readonly boolean[], vectors: readonly MergeInput[]): Mixture | null {
  const share = tensor.values["trained_share"];
  const base = leafOf(vectors.length - 1, vectors.length);
  let gram: Float64Array | null = null;
  const products = () => (gram ??= gramOf(tensor, vectors));
  const mix = (left: Mixture, right: Mixture, t: number): Mixture => {
    if (t === 0) return left;
    if (t === 1) return right;
    // Rounding could change numbers, and vectors can be too short for an angle.
    const isLeaves = left.kind === "leaf" && right.kind === "leaf";
    if (isLeaves && areCopies(tensor, [vectors[left.index], vectors[right.index]])) return left;
    return mixtureOf(left, right, t, tensor.values["spherical"] === 0 ? null : { tensor, vectors, products });
  };
  let owner = 0;
  const leaves = owns.map((isOwner) => (isOwner ? leafOf(owner++, vectors.length) : null));
  return pairAdjacent(leaves, (left, right) => {
    if (left !== null && right !== null) return mix(left, right, 0.5);
    if (left !== null) return mix(left, base, 1 - share);
    return right && mix(base, right, share);
  });
}

function* mixedChunks(
  tensor: TensorToMerge,
  owners: readonly MergeInput[],
  base: MergeInput,
  root: Mixture,
): Generator<Float32Array> {
  const read = chunkReader(owners);
  const evaluate = evaluator(tensor, owners.length, root);
  let from: Float32Array | undefined;
  for (const chunk of chunksOf(tensor.length)) {
    from = base.read(chunk.from, chunk.count, from);
    yield evaluate(read(chunk), from) as Float32Array;
  }
}

type Evaluate = (owners: readonly MergeVector[], base: Float32Array) => MergeVector;

/** @param baseIndex  of the base among the leaves */
function evaluator({ kernels, dtype }: TensorToMerge, baseIndex: number, root: Mixture): Evaluate {
  const evaluatorOf = (node: Mixture): Evaluate => {
    if (node.kind === "leaf") return (owners, base) => (node.index === baseIndex ? base : owners[node.index]);
    const [left, right] = [node.left, node.right].map(evaluatorOf);
    const isBase = (side: Mixture) => side.kind === "leaf" && side.index === baseIndex;
    const side = isBase(node.left) ? right : isBase(node.right) ? left : null;
    let [change, out] = [undefined, undefined] as (Float32Array | undefined)[];
    if (node.isLinear && side !== null) {
      const options = changeBy(rounder(dtype)(node.shares[side === right ? 1 : 0]));
      return (owners, base) => {
        change = kernels.difference(side(owners, base), base, dtype, change);
        return (out = kernels.mixChanges(base, change, options, dtype, out));
      };
    }
    const factors = node.shares.map((share) => Float32Array.of(share));
    return (owners, base) => {
      const inputs = [left(owners, base), right(owners, base)];
      const groups = { rows: 1, columns: base.length, of: "rows" } as const;
      return (out = kernels.groupedSum({ inputs, factors, groups, dtype: "f32", result: dtype }, out));
    };
  };
  return evaluatorOf(root);
}

/** base + weight · change, which leaves elements without a change as they are. */
function changeBy(weight: number): MixOptions {
  return { weights: [weight], vote: "none", division: "none", divisor: 0, lambda: 1 };
}
