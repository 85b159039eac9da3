import { rounder } from "../../../core/kernels/rounding.js";
import type { TensorToMerge } from "../../../core/method.js";
import type { MixOptions } from "../../../core/task-vector-kernels.js";
import { copyOf } from "../../../core/tensor-chunks.js";
import { baseOf, changeBlocks, inChunks } from "./changes.js";
import { droppedByProduct, type Drop, type DropRule } from "./drop.js";

/** How a method treats changes: what it drops of each, and whether the signs of the others decide what is summed. */
export interface TaskVectorRule {
  /** Null: nothing. */
  readonly drop: DropRule | null;
  readonly elects: boolean;
}

/** base + lambda · Σ weightᵢ · kept(inputᵢ − base), of the elected signs or of all, possibly divided by the weights. */
export function* mergeTaskVectors(tensor: TensorToMerge, { drop, elects }: TaskVectorRule): Generator<Float32Array> {
  const { inputs, kernels, dtype, values } = tensor;
  if (inputs.length === 0) {
    yield* copyOf(tensor, baseOf(tensor));
    return;
  }
  const drops = dropsOf(tensor, drop);
  const factors = drop !== null && values.rescale !== 0 ? rescaleFactors(tensor, drop, drops) : drops.map(() => 1);
  const droppers = drops.map((start) => start?.() ?? null);
  const options = mixOptions(tensor, elects);
  let out: Float32Array | undefined;
  for (const { base, rows, matrix } of changeBlocks(tensor, inputs, drop?.unit(tensor))) {
    for (const [i, row] of rows.entries()) {
      droppers[i]?.(row);
      if (factors[i] !== 1) kernels.scale(row, factors[i], dtype);
    }
    out = kernels.mixChanges(base, matrix, options, dtype, out);
    yield* inChunks(out);
  }
}

function dropsOf(tensor: TensorToMerge, rule: DropRule | null): readonly Drop[] {
  const drops = rule?.prepare(tensor) ?? tensor.inputs.map(() => null);
  return tensor.isCompatible ? drops.map((drop) => droppedByProduct(tensor.kernels, drop)) : drops;
}

function mixOptions({ inputs, values, dtype }: TensorToMerge, elects: boolean): MixOptions {
  const round = rounder(dtype);
  const weights = inputs.map((input) => round(input.values.weight));
  const sum = round(weights.reduce((total, weight) => Math.fround(total + weight), 0));
  const division = values.normalize === 0 ? "none" : elects ? "elected" : "fixed";
  return {
    weights,
    vote: elects ? "weighted" : "none",
    division,
    divisor: elects ? 0 : Math.abs(sum) < round(1e-8) ? 1 : sum,
    lambda: values.lambda,
  };
}

/**
 * Of each input: the ℓ1 norm of the change over that of what is kept; 1 if nothing is dropped or a norm is below
 * 1e-7.
 */
function rescaleFactors(tensor: TensorToMerge, rule: DropRule, drops: readonly Drop[]): number[] {
  const { inputs, kernels } = tensor;
  const dropping = inputs.filter((_, i) => drops[i] !== null);
  const droppers = drops.flatMap((start) => (start === null ? [] : [start()]));
  const before = dropping.map(() => 0);
  const after = dropping.map(() => 0);
  for (const { rows } of dropping.length === 0 ? [] : changeBlocks(tensor, dropping, rule.unit(tensor))) {
    for (const [i, row] of rows.entries()) {
      before[i] += kernels.magnitudeSum(row);
      droppers[i](row);
      after[i] += kernels.magnitudeSum(row);
    }
  }
  const dropped = dropping.map((_, i) => ratio(tensor, rounder(rule.normDType(tensor.dtype)), before[i], after[i]));
  return inputs.map((input) => dropped[dropping.indexOf(input)] ?? 1);
}

function ratio(tensor: TensorToMerge, round: (value: number) => number, before: number, after: number): number {
  const [whole, kept, least] = [round(before), round(after), round(1e-7)];
  if (whole < least || kept < least) return 1;
  if (tensor.isCompatible || Number.isFinite(whole) || !Number.isFinite(before)) return round(whole / kept);
  tensor.note("rescale: a sum of magnitudes is beyond float16; the factor is computed without this limit");
  return round(before / after);
}
