import { baseAndOther, checkInputs } from "../../core/check-inputs.js";
import { inputDType } from "../../core/input-dtype.js";
import { rounder } from "../../core/kernels/rounding.js";
import type { MergeInput, MergeMethod, TensorToMerge } from "../../core/method.js";
import { areCopies, chunkReader, chunksOf, copyOf, lastAxisRows, type Chunk } from "../../core/tensor-chunks.js";
import { firstOfPermutation } from "./permutation.js";

/** A larger tensor is represented by a random sample of so many elements. */
const sampled = 1_000_000;

export const arceeFusion: MergeMethod = {
  name: "arcee_fusion",
  label: "Arcee Fusion",
  concept:
    "The base plus the changes that matter: those whose size times the Kullback–Leibler divergence of their row is " +
    "at least the median plus 1.5 interquartile ranges.",
  use: "Choose it to take over only the most important changes of one other model.",
  source: "https://arcee.ai",
  inputs: { base: "member", minimum: 1, maximum: 2 },
  croppedTo: "common",
  parameters: {},
  inputParameters: {},
  mixedDTypes: "promote",
  // Upstream's mask is f32, and so is what it is multiplied with; a single model is copied.
  resultDType: (dtype, inputs) => (inputs?.length === 1 ? dtype : "f32"),
  check: (tensor) => checkInputs(arceeFusion, tensor),
  *merge(tensor) {
    arceeFusion.check?.(tensor);
    const two = baseAndOther(tensor);
    if (two === null) return yield* copyOf(tensor, tensor.inputs[0]);
    const { kernels, dtype, isCompatible } = tensor;
    if (!isCompatible && areCopies(tensor, two)) return yield* copyOf(tensor, two[0]);
    const read = importanceReader(tensor, two);
    const threshold = thresholdOf(tensor, read);
    if (Number.isNaN(threshold))
      tensor.note("arcee_fusion: no change has a comparable importance, so the base was kept");
    const readModels = chunkReader(two);
    let out: Float32Array | undefined;
    for (const chunk of chunksOf(tensor.length, lastAxisRows(tensor).columns)) {
      const importances = read(chunk.from, chunk.count);
      const [base, model] = readModels(chunk);
      out = kernels.fuse(model, base, importances, threshold, dtype, out);
      if (isCompatible) spreadNonFinite(out, two, chunk, importances, threshold);
      yield out;
    }
  },
};

/** Upstream drops a change by a product with 0: of one that is not finite, that leaves NaN. */
function spreadNonFinite(
  out: Float32Array,
  two: readonly MergeInput[],
  { from, count }: Chunk,
  importances: Float32Array,
  threshold: number,
): void {
  // Where the change is not finite, its importance is not either.
  if (importances.every(Number.isFinite)) return;
  const [base, model] = two.map((input) => input.read(from, count));
  for (let i = 0; i < count; i++) {
    if (!Number.isFinite(model[i] - base[i]) && !(importances[i] >= threshold)) out[i] = NaN;
  }
}

type ImportanceReader = (from: number, count: number) => Float32Array;

/** Computes the divergence of every row; the reader takes whole rows. */
function importanceReader(tensor: TensorToMerge, two: readonly MergeInput[]): ImportanceReader {
  const { kernels, dtype, length } = tensor;
  const { rows, columns } = lastAxisRows(tensor);
  const divergences = new Float32Array(rows);
  const dtypes = [inputDType(tensor, two[1]), inputDType(tensor, two[0])] as const;
  const read = chunkReader(two);
  for (const chunk of chunksOf(length, columns)) {
    const [base, model] = read(chunk);
    divergences.set(kernels.divergences(model, base, dtypes, chunk.count / columns), chunk.from / columns);
  }
  let out: Float32Array | undefined;
  return (from, count) => {
    const [base, model] = read({ from, count });
    const own = divergences.subarray(from / columns, (from + count) / columns);
    return (out = kernels.importances(model, base, own, dtype, out));
  };
}

/** Median + 1.5 · (third − first quartile) of the importances; a large tensor draws one sample for each of both. */
function thresholdOf(tensor: TensorToMerge, read: ImportanceReader): number {
  const round = rounder(tensor.dtype);
  const [forMedian, forQuartiles] = samplesOf(tensor, read).map((sample) => sample.sort());
  const at = (sorted: Float32Array, quantile: number) => sorted[Math.trunc(quantile * (sorted.length - 1))];
  const range = round(at(forQuartiles, 0.75) - at(forQuartiles, 0.25));
  return round(at(forMedian, 0.5) + round(1.5 * range));
}

function samplesOf(tensor: TensorToMerge, read: ImportanceReader): Float32Array[] {
  const { length, random } = tensor;
  const isWhole = length <= sampled;
  const indices = isWhole ? [] : [0, 1].map(() => firstOfPermutation(random, length, sampled).sort());
  const samples = isWhole ? [new Float32Array(length)] : indices.map((own) => new Float32Array(own.length));
  const taken = samples.map(() => 0);
  for (const { from, count } of chunksOf(length, lastAxisRows(tensor).columns)) {
    const importances = read(from, count);
    if (isWhole) samples[0].set(importances, from);
    indices.forEach((own, k) => {
      for (; taken[k] < own.length && own[taken[k]] < from + count; taken[k]++) {
        samples[k][taken[k]] = importances[own[taken[k]] - from];
      }
    });
  }
  return isWhole ? [samples[0], samples[0]] : samples;
}
