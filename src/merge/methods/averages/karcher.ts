import { checkInputs } from "../../core/check-inputs.js";
import type { MergeVector } from "../../core/kernels.js";
import { rounder } from "../../core/kernels/rounding.js";
import type { MergeInput, MergeMethod, TensorToMerge } from "../../core/method.js";
import { areCopies, chunkReader, chunksOf, copyOf, type Chunk } from "../../core/tensor-chunks.js";
import { requireFinite } from "./finite.js";
import { gramOf } from "./gram.js";

/** Below this cosine, a direction has no unique way to another. */
const antipodal = -0.9995;

export const karcher: MergeMethod = {
  name: "karcher",
  label: "Karcher Mean",
  concept:
    "The point on the sphere with the least sum of squared angles to all models, found step by step, times their " +
    "mean norm. All models have the same weight, the base too if there is one.",
  use: "Choose it for a spherical mean of several models without weights.",
  source: "https://en.wikipedia.org/wiki/Karcher_mean",
  inputs: { base: "none", minimum: 1, maximum: Infinity },
  mixedDTypes: "first",
  parameters: {
    max_iter: {
      description: "Steps at most.",
      type: "number",
      default: 10,
      minimum: 0,
      maximum: Infinity,
    },
    tol: {
      description: "A shorter step is the last; a model with a smaller norm has no direction.",
      type: "number",
      default: 1e-5,
      minimum: 0,
      maximum: Infinity,
    },
  },
  inputParameters: {},
  check: (tensor) => checkInputs(karcher, tensor),
  *merge(tensor) {
    karcher.check?.(tensor);
    const { inputs, isCompatible } = tensor;
    if (inputs.length === 1 || (!isCompatible && areCopies(tensor, inputs))) return yield* copyOf(tensor, inputs[0]);
    const mean = new SphericalMean(tensor);
    const reason = mean.find();
    if (reason === null) return yield* mean.result();
    tensor.note(`karcher: ${reason} in ${tensor.where}, so their arithmetic mean was taken`);
    yield* arithmeticMean(tensor);
  },
};

/** Σ over the models in the order of upstream: each addition is rounded. */
function addUp(
  { kernels, dtype }: TensorToMerge,
  vectors: readonly MergeVector[],
  factors: readonly number[],
  out: Float32Array,
): Float32Array {
  kernels.weightedSum([vectors[0]], [factors[0]], 1, dtype, out);
  for (let k = 1; k < vectors.length; k++) kernels.weightedSum([out, vectors[k]], [1, factors[k]], 1, dtype, out);
  return out;
}

function* arithmeticMean(tensor: TensorToMerge): Generator<Float32Array> {
  const { kernels, dtype, inputs, length } = tensor;
  const read = chunkReader(inputs);
  const ones = inputs.map(() => 1);
  let out: Float32Array | undefined;
  for (const chunk of chunksOf(length)) {
    out = kernels.weightedSum(read(chunk), ones, inputs.length, dtype, out);
    yield out;
  }
}

/** Holds one vector of the tensor's size in f32: each step needs the mean of the step before, rounded to the dtype. */
class SphericalMean {
  readonly #tensor: TensorToMerge;
  readonly #round: (value: number) => number;
  readonly #norms: readonly number[];
  /** The models with a direction, and the weight of each. */
  readonly #valid: readonly { readonly input: MergeInput; readonly norm: number }[];
  readonly #mean: Float32Array;
  readonly #read: (chunk: Chunk) => MergeVector[];
  readonly #units: Float32Array[] = [];
  readonly #rests: Float32Array[] = [];

  constructor(tensor: TensorToMerge) {
    const { inputs, dtype, values, length } = tensor;
    this.#tensor = tensor;
    this.#round = rounder(dtype);
    const gram = gramOf(tensor, inputs);
    const squares = inputs.map((_, k) => gram[k * (inputs.length + 1)]);
    requireFinite(tensor, karcher.name, inputs, squares);
    this.#norms = squares.map((square) => Math.fround(Math.sqrt(square)));
    this.#valid = inputs.map((input, k) => ({ input, norm: this.#norms[k] })).filter(({ norm }) => norm > values.tol);
    this.#read = chunkReader(this.#valid.map(({ input }) => input));
    this.#mean = new Float32Array(length);
  }

  /** Why there is no mean that means something; null if it was found. */
  find(): string | null {
    const { values, isCompatible, inputs, where } = this.#tensor;
    const count = this.#valid.length;
    if (count === 0) return isCompatible ? null : "the norms of the models are below tol";
    if (count < inputs.length)
      this.#tensor.note(`karcher: models without a direction only shorten the mean in ${where}`);
    if (!this.#start() && !isCompatible) return "the directions of the models balance out";
    for (let step = 0; step < values.max_iter; step++) {
      const cosines = this.#cosines();
      if (!isCompatible && cosines.some((cosine) => cosine < antipodal)) return "two models have opposite directions";
      if (!this.#move(cosines)) break;
    }
    return null;
  }

  *result(): Generator<Float32Array> {
    const { kernels, dtype, inputs, length } = this.#tensor;
    const norm = this.#norms.reduce((total, own) => total + (1 / inputs.length) * own, 0);
    let out: Float32Array | undefined;
    for (const chunk of chunksOf(length)) yield (out = kernels.weightedSum([this.#part(chunk)], [norm], 1, dtype, out));
  }

  get #weights(): number[] {
    const each = 1 / this.#tensor.inputs.length;
    const sum = this.#valid.reduce((total) => total + each, 0);
    return this.#valid.map(() => each / sum);
  }

  #part({ from, count }: Chunk): Float32Array {
    return this.#mean.subarray(from, from + count);
  }

  #unitsOf(chunk: Chunk): Float32Array[] {
    const { kernels, dtype } = this.#tensor;
    const vectors = this.#read(chunk);
    this.#valid.forEach(({ norm }, k) => {
      this.#units[k] = kernels.weightedSum([vectors[k]], [1], norm, dtype, this.#units[k]);
    });
    return this.#units;
  }

  /** Starts at the mean direction; at the first model, if there is none. @returns whether there is one */
  #start(): boolean {
    const { kernels, dtype, length, values } = this.#tensor;
    let square = 0;
    for (const chunk of chunksOf(length)) {
      square += kernels.gram([addUp(this.#tensor, this.#unitsOf(chunk), this.#weights, this.#part(chunk))])[0];
    }
    const norm = Math.fround(Math.sqrt(square));
    for (const chunk of chunksOf(length)) {
      const part = this.#part(chunk);
      if (norm < values.tol) part.set(this.#unitsOf(chunk)[0]);
      else kernels.weightedSum([part], [1], norm, dtype, part);
    }
    return norm >= values.tol;
  }

  #cosines(): number[] {
    const { kernels, dtype, length } = this.#tensor;
    const sums = this.#valid.map(() => new Float64Array(1));
    for (const chunk of chunksOf(length)) {
      const groups = { rows: 1, columns: chunk.count, of: "rows" } as const;
      const b = this.#part(chunk);
      this.#unitsOf(chunk).forEach((a, k) => kernels.addProducts({ a, b, groups, dtype, isExact: true }, sums[k]));
    }
    return sums.map(([sum]) => Math.min(1, Math.max(-1, this.#round(sum))));
  }

  /** One step along the mean of the tangents to all models. @returns whether it was long enough to continue */
  #move(cosines: readonly number[]): boolean {
    const { kernels, dtype, length, values } = this.#tensor;
    const round = this.#round;
    const tangentOf = this.#tangentReader(cosines);
    if (tangentOf === null) return false;
    let square = 0;
    for (const chunk of chunksOf(length)) square += kernels.gram([tangentOf(chunk)])[0];
    const angle = Math.fround(Math.sqrt(square));
    if (angle < values.tol) return false;
    const shares = [round(Math.cos(angle)), round(Math.sin(angle))];
    let newSquare = 0;
    for (const chunk of chunksOf(length)) {
      const part = this.#part(chunk);
      const tangent = tangentOf(chunk);
      kernels.weightedSum([tangent], [1], angle, dtype, tangent);
      newSquare += kernels.gram([kernels.weightedSum([part, tangent], shares, 1, dtype, part)])[0];
    }
    const norm = Math.fround(Math.sqrt(newSquare));
    if (norm > values.tol) {
      for (const chunk of chunksOf(length)) {
        kernels.weightedSum([this.#part(chunk)], [1], norm, dtype, this.#part(chunk));
      }
    }
    return true;
  }

  /** The mean tangent of a chunk; null if all models are where the mean is. */
  #tangentReader(cosines: readonly number[]): ((chunk: Chunk) => Float32Array) | null {
    const { kernels, dtype, values } = this.#tensor;
    const round = this.#round;
    const weights = this.#weights;
    const angles = cosines.map((cosine) => round(Math.acos(cosine)));
    const far = angles.flatMap((angle, k) => (angle >= values.tol || Number.isNaN(angle) ? [k] : []));
    if (far.length === 0) return null;
    const factors = far.map((k) => round(Math.fround(weights[k]) * round(angles[k] / round(Math.sin(angles[k])))));
    let out: Float32Array | undefined;
    return (chunk) => {
      const units = this.#unitsOf(chunk);
      const part = this.#part(chunk);
      const rests = far.map(
        (k) => (this.#rests[k] = kernels.weightedSum([units[k], part], [1, -cosines[k]], 1, dtype, this.#rests[k])),
      );
      if (out?.length !== chunk.count) out = new Float32Array(chunk.count);
      return addUp(this.#tensor, rests, factors, out);
    };
  }
}
