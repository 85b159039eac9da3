import type { TensorAttribution } from "./tensor-attribution.js";

/** Inner products of the changes of all models of a merge and of the result, over some tensors as one vector. */
export interface ChangeProducts {
  /** [i · n + j] of the changes of the models; 0 where a tensor has no such model. */
  readonly models: readonly number[];
  /** [i] of the result's change and each model's. */
  readonly result: readonly number[];
  /** ‖change of the result‖² */
  readonly square: number;
  /** [i] Whether the model is one of those that some tensor is made of. */
  readonly isPresent: readonly boolean[];
}

/** @param labels  of the models, in the order of the result */
export function sumProducts(tensors: readonly TensorAttribution[], labels: readonly string[]): ChangeProducts {
  const n = labels.length;
  const models = Array.from({ length: n * n }, () => 0);
  const result = labels.map(() => 0);
  const isPresent = labels.map((label) => tensors.some((tensor) => tensor.models.includes(label)));
  let square = 0;
  for (const tensor of tensors) {
    if (tensor.products.length === 0) continue;
    const own = centred(tensor);
    const size = tensor.models.length + 1;
    const places = tensor.models.map((label) => labels.indexOf(label));
    places.forEach((row, i) => {
      places.forEach((column, j) => (models[row * n + column] += own[i * size + j]));
      result[row] += own[i * size + size - 1];
    });
    square += own[size * size - 1];
  }
  return { models, result, square, isPresent };
}

/** Products of the changes of all models and of the result, relative to the base or to the mean of the models. */
function centred({ reference, models, products }: TensorAttribution): readonly number[] {
  if (reference !== "mean") return products;
  // Relative to the first model, whose own change is 0.
  const size = models.length + 1;
  const count = models.length;
  const at = (i: number, j: number) => (i === 0 || j === 0 ? 0 : products[(i - 1) * count + j - 1]);
  const rows = Array.from({ length: size }, (_, i) => meanOf(count, (k) => at(i, k)));
  const all = meanOf(count, (k) => rows[k]);
  return Array.from({ length: size * size }, (_, k) => {
    const [i, j] = [Math.floor(k / size), k % size];
    return at(i, j) - rows[i] - rows[j] + all;
  });
}

function meanOf(count: number, value: (k: number) => number): number {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += value(k);
  return sum / count;
}
