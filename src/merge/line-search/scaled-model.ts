import type { ModelFolder } from "../../model/files/model-folder.js";
import { haveSameValues } from "../../model/files/same-values.js";
import { elements } from "../../model/config/parameter-counts.js";
import { embeddingName, untiedHeadName, type Parameter, parameters } from "../../model/config/parameters.js";
import { decodeFloats, encodeFloats, type DType } from "../../tensor/dtype.js";
import type { StoredTensor } from "../../tensor/safetensors.js";
import { readChunk } from "../chunks.js";
import { chunkElements } from "../core/method.js";

/** Groups of tensors that may have a λ each. */
export const tensorGroups = ["embeddings", "attention", "feed-forward", "norms"] as const;
export type TensorGroup = (typeof tensorGroups)[number];

/** λ of each group. */
export type Lambdas = Readonly<Record<TensorGroup, number>>;

/** `embeddings` has the head too; a bias belongs to its matrix. */
export function groupOf({ name }: Pick<Parameter, "name">): TensorGroup {
  if (name === embeddingName || name === untiedHeadName) return "embeddings";
  if (name.includes(".self_attn.")) return "attention";
  return name.includes(".mlp.") ? "feed-forward" : "norms";
}

/** A tensor that the merge changed. */
export interface ChangedTensor {
  readonly name: string;
  readonly group: TensorGroup;
  readonly base: StoredTensor;
  readonly merged: StoredTensor;
}

/** The tensors whose values differ between two models of one configuration. Reads each up to the first difference. */
export function changedTensors(base: ModelFolder, merged: ModelFolder): ChangedTensor[] {
  return parameters(base.config).flatMap((parameter) => {
    const [from, to] = [base, merged].map(({ tensors }) => tensors.get(parameter.name) as StoredTensor);
    if (haveSameValues(from, to)) return [];
    return [{ name: parameter.name, group: groupOf(parameter), base: from, merged: to }];
  });
}

/**
 * base + λ · (merged − base), in f64, rounded to the dtype. Exactly `merged` at λ = 1; the base where both are equal.
 */
export function scaleChange(base: Float32Array, merged: Float32Array, lambda: number, dtype: DType): Float32Array {
  if (lambda === 1) return merged;
  const out = new Float32Array(base.length);
  for (let i = 0; i < out.length; i++) out[i] = base[i] + lambda * (merged[i] - base[i]);
  return dtype === "f32" ? out : decodeFloats(encodeFloats(out, dtype), dtype);
}

/** A tensor at λ, in chunks, in the dtype of the merged one. */
export function* scaledChunks(
  { base, merged }: ChangedTensor,
  lambda: number,
): Generator<{ readonly from: number; readonly values: Float32Array }> {
  const count = elements(merged.shape);
  for (let from = 0; from < count; from += chunkElements) {
    const length = Math.min(chunkElements, count - from);
    const after = readChunk(merged, from, length);
    const before = lambda === 1 ? after : readChunk(base, from, length);
    yield { from, values: scaleChange(before, after, lambda, merged.dtype) };
  }
}
