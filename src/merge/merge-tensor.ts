import { decodeFloats, bytesPerElement } from "../tensor/dtype.js";
import { StrataError } from "../errors/strata-error.js";
import { readTensor, readTensorBytes, type StoredTensor } from "../tensor/safetensors.js";
import type { AgreementMeter } from "./agreement.js";
import { lerp } from "./methods/linear.js";
import type { MergeSettings } from "./settings.js";
import { slerp } from "./methods/slerp.js";
import type { TensorSources } from "./sources.js";
import { ties } from "./methods/ties.js";
import { mergeTree, type MergeTree } from "./tree.js";
import { union } from "./methods/union.js";

/** Elements of a tensor that are held at a time where a method allows it. */
export const pieceElements = 1 << 20;

export function elementCount({ shape }: { readonly shape: readonly number[] }): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Elements [from, from + count) in f32. */
export function readPiece(tensor: StoredTensor, from: number, count: number): Float32Array {
  const size = bytesPerElement(tensor.dtype);
  return decodeFloats(readTensorBytes(tensor, from * size, count * size), tensor.dtype);
}

export interface Piece {
  /** Of the first element. */
  readonly from: number;
  readonly base: Float32Array;
  readonly merged: Float32Array;
}

/** A trained tensor merged, in order, in pieces; `slerp` and `ties` look at a tensor as a whole and give it as one piece. */
export function* mergedPieces(
  sources: TensorSources,
  tree: MergeTree,
  settings: MergeSettings,
  meter: AgreementMeter,
): Generator<Piece> {
  const count = elementCount(sources.base);
  const whole = settings.method === "slerp" || settings.method === "ties";
  for (let from = 0; from < count; from += pieceElements) {
    const length = Math.min(pieceElements, count - from);
    const base = readPiece(sources.base, from, length);
    const owners = sources.owners.map(({ part, tensor }) => ({ part, values: readPiece(tensor, from, length) }));
    meter.add(base, owners);
    if (!whole) {
      const load = (part: number) => owners.find((owner) => owner.part === part)?.values ?? base;
      yield { from, base, merged: mergeValues(sources, base, load, tree, settings) };
    }
  }
  meter.endTensor();
  if (!whole) return;
  const base = readTensor(sources.base);
  const load = (part: number) => {
    const owner = sources.owners.find((other) => other.part === part);
    return owner ? readTensor(owner.tensor) : base;
  };
  yield { from: 0, base, merged: mergeValues(sources, base, load, tree, settings) };
}

function mergeValues(
  sources: TensorSources,
  base: Float32Array,
  load: (part: number) => Float32Array,
  tree: MergeTree,
  settings: MergeSettings,
): Float32Array {
  const parts = sources.owners.map(({ part }) => part);
  const { method, ownShare, density, scale } = settings;
  if (method === "union") return union(base, parts.map(load), scale);
  if (method === "ties") {
    if (Math.trunc(density * base.length) === 0) throw keepsNothing(sources, density);
    const options = {
      weights: parts.map(() => 1),
      densities: parts.map(() => density),
      normalize: true,
      rescale: false,
      scale,
    };
    return ties(base, parts.map(load), options);
  }
  return mergeTree(tree, base, (part) => parts.includes(part), load, ownShare, method === "slerp" ? slerp : lerp);
}

function keepsNothing({ parameter, base }: TensorSources, density: number): StrataError {
  return new StrataError("MergeError", {
    where: `${base.path} ${parameter.name}`,
    expected: "a density that keeps at least one element of each tensor",
    got: `${density} of ${elementCount(base)}`,
    hint: "Raise `density`.",
  });
}
