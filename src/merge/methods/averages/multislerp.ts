import { checkInputs, mergeError, requiredValue } from "../../core/check-inputs.js";
import { inputDType } from "../../core/input-dtype.js";
import { rounder } from "../../core/kernels/rounding.js";
import { promoted } from "../../core/merge-dtype.js";
import type { MergeDType, MergeInput, MergeMethod, TensorToMerge } from "../../core/method.js";
import { areCopies, chunksOf, copyOf } from "../../core/tensor-chunks.js";
import { directionReader } from "./directions.js";
import { requireFinite } from "./finite.js";
import { flag, weight } from "./parameters.js";

/** A mean of unit vectors below this length is what rounding left of a balance. */
const balanced: Record<MergeDType, number> = { f32: 1e-6, f16: 1e-3, bf16: 8e-3 };

export const multislerp: MergeMethod = {
  name: "multislerp",
  label: "Multi-SLERP",
  concept:
    "Spherical mean of several models: their directions are averaged in the tangent space at their mean direction, " +
    "their norms linearly; with a base, those of the changes.",
  use: "Choose it for spherical interpolation of more than two models with weights.",
  source: "https://goddard.blog/posts/multislerp-wow-what-a-cool-idea",
  inputs: { base: "optional", minimum: 1, maximum: Infinity },
  parameters: {
    normalize_weights: flag("Divide the weights by their sum.", true),
    eps: {
      description: "Added to norms; a shorter mean direction counts as none.",
      type: "number",
      default: 1e-8,
      minimum: 0,
      maximum: Infinity,
    },
  },
  inputParameters: { weight },
  resultDType: (dtype, inputs) => (inputs?.length === 1 ? inputs[0] : dtype),
  check(tensor) {
    checkInputs(multislerp, tensor);
    const { inputs, values, isCompatible } = tensor;
    if (isCompatible || values.normalize_weights === 0 || inputs.length === 1) return;
    const weights = givenWeights(tensor);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    if (Math.abs(sum) > 1e-6 * weights.reduce((total, weight) => total + Math.abs(weight), 0)) return;
    throw mergeError(tensor, multislerp.name, {
      expected: "weights whose sum is not 0",
      got: `a sum of ${sum}`,
      hint: "Change the weights, or set `normalize_weights: false`.",
    });
  },
  *merge(tensor) {
    multislerp.check?.(tensor);
    const { inputs, isCompatible } = tensor;
    if (inputs.length === 1) return yield* copyOf(tensor, inputs[0]);
    const copied = isCompatible ? null : onlyModel(tensor);
    if (copied !== null) return yield* copyOf(tensor, copied);
    const dtype = promoted(inputs.map((input) => inputDType(tensor, input)));
    const changes = { ...tensor, dtype };
    yield* barycentre(changes, weightsOf(changes), tensor.dtype);
  },
};

function givenWeights(tensor: TensorToMerge): number[] {
  return tensor.inputs.map((input) => requiredValue(tensor, multislerp.name, input, "weight"));
}

/** The model that is the result because all are copies of it, or because no other has a weight. */
function onlyModel(tensor: TensorToMerge): MergeInput | null {
  const { inputs, values } = tensor;
  const sum = givenWeights(tensor).reduce((total, weight) => total + weight, 0);
  if (values.normalize_weights === 0 && Math.abs(sum - 1) > 1e-12) return null;
  const used = inputs.filter((input) => input.values.weight !== 0);
  return used.length === 1 || areCopies(tensor, used) ? used[0] : null;
}

function weightsOf(tensor: TensorToMerge): number[] {
  const round = rounder(tensor.dtype);
  const weights = givenWeights(tensor).map(round);
  if (tensor.values.normalize_weights === 0) return weights;
  const sum = round(weights.reduce((total, weight) => Math.fround(total + weight), 0));
  return weights.map((weight) => round(weight / sum));
}

/**
 * Five passes over the models: norms, mean direction, its angles to the models, the tangent mean, the result.
 *
 * @param tensor  of the dtype of the changes
 * @param result  the dtype with the base added
 */
function* barycentre(tensor: TensorToMerge, weights: readonly number[], result: MergeDType): Generator<Float32Array> {
  const { kernels, dtype, length, inputs } = tensor;
  const round = rounder(dtype);
  const epsilon = round(tensor.values.eps);
  // In f16, the default eps is 0: upstream then divides 0 by 0 for tensors of zeros.
  const orOne = (value: number) => (value === 0 && !tensor.isCompatible ? 1 : value);
  const directions = directionReader(tensor, (norm) => orOne(round(norm + epsilon)));
  requireFinite(tensor, multislerp.name, inputs, directions.squares);
  const norms = directions.squares.map((square) => round(Math.sqrt(square)));

  let sum: Float32Array | undefined;
  const meanOf = (units: readonly Float32Array[]) => (sum = kernels.weightedSum(units, weights, 1, dtype, sum));
  const meanNorm = round(
    Math.sqrt(sumOver(length, (chunk) => kernels.gram([meanOf(directions.read(chunk).units)])[0])),
  );
  const least = tensor.isCompatible ? epsilon : Math.max(epsilon, balanced[dtype]);
  if (meanNorm < least) return yield* linearInstead(tensor, weights, result);

  let mean: Float32Array | undefined;
  const unitMean = (units: readonly Float32Array[]) =>
    (mean = kernels.weightedSum([meanOf(units)], [1], meanNorm, dtype, mean));
  const dots = dotsWith(tensor, directions, unitMean);

  const tangents: Float32Array[] = [];
  let tangentSum: Float32Array | undefined;
  const tangentOf = (units: readonly Float32Array[], center: Float32Array) => {
    units.forEach(
      (unit, k) => (tangents[k] = kernels.weightedSum([unit, center], [1, -dots[k]], 1, dtype, tangents[k])),
    );
    return (tangentSum = kernels.weightedSum(tangents, weights, 1, dtype, tangentSum));
  };
  const tangentSquare = sumOver(length, (chunk) => {
    const { units } = directions.read(chunk);
    return kernels.gram([tangentOf(units, unitMean(units))])[0];
  });
  const angle = round(round(Math.sqrt(tangentSquare)) + epsilon);
  const shares = [round(Math.cos(angle)), round(round(Math.sin(angle)) / orOne(angle))];
  const scale = round(norms.reduce((total, norm, k) => Math.fround(total + round(norm * weights[k])), 0));

  let out: Float32Array | undefined;
  for (const chunk of chunksOf(length)) {
    const { units, from } = directions.read(chunk);
    const center = unitMean(units);
    out = kernels.weightedSum([center, tangentOf(units, center)], shares, 1, dtype, out);
    kernels.weightedSum([out], [scale], 1, dtype, out);
    yield from === null ? out : kernels.weightedSum([out, from], [1, 1], 1, result, out);
  }
}

type Directions = ReturnType<typeof directionReader>;

function dotsWith(
  { kernels, dtype, length, inputs }: TensorToMerge,
  directions: Directions,
  meanOf: (units: readonly Float32Array[]) => Float32Array,
): number[] {
  const sums = inputs.map(() => new Float64Array(1));
  for (const chunk of chunksOf(length)) {
    const { units } = directions.read(chunk);
    const b = meanOf(units);
    const groups = { rows: 1, columns: chunk.count, of: "rows" } as const;
    units.forEach((a, k) => kernels.addProducts({ a, b, groups, dtype, isExact: false }, sums[k]));
  }
  return sums.map(([dot]) => rounder(dtype)(dot));
}

function sumOver(length: number, valueOf: (chunk: { from: number; count: number }) => number): number {
  let total = 0;
  for (const chunk of chunksOf(length)) total += valueOf(chunk);
  return total;
}

/** What is done when the directions balance out: two models have a weighted sum, more of them none that makes sense. */
function* linearInstead(
  tensor: TensorToMerge,
  weights: readonly number[],
  result: MergeDType,
): Generator<Float32Array> {
  const { kernels, dtype, length, inputs, where } = tensor;
  if (inputs.length > 2) {
    throw mergeError(tensor, multislerp.name, {
      expected: "models whose weighted directions have a mean",
      got: "directions that balance out",
      hint: "Change the weights, or merge this tensor by linear.",
    });
  }
  tensor.note(`multislerp: the directions of both models balance out in ${where}, so it was interpolated linearly`);
  const directions = directionReader(tensor, null);
  let out: Float32Array | undefined;
  for (const chunk of chunksOf(length)) {
    const { changes, from } = directions.read(chunk);
    out = kernels.weightedSum(changes, weights, 1, dtype, out);
    yield from === null ? out : kernels.weightedSum([out, from], [1, 1], 1, result, out);
  }
}
