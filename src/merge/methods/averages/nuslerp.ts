import { checkInputs, mergeError, requiredValue } from "../../core/check-inputs.js";
import type { Groups, MergeKernels, MergeVector } from "../../core/kernels.js";
import { changeDType } from "../../core/input-dtype.js";
import { rounder } from "../../core/kernels/rounding.js";
import type { MergeDType, MergeMethod, TensorToMerge } from "../../core/method.js";
import {
  areCopies,
  chunkReader,
  chunksOf,
  copyOf,
  lastAxisRows,
  oneGroup,
  type Chunk,
} from "../../core/tensor-chunks.js";
import { requireFinite } from "./finite.js";
import { flag, weight } from "./parameters.js";

export const nuslerp: MergeMethod = {
  name: "nuslerp",
  label: "NuSLERP",
  concept:
    "Spherical interpolation between two models with the share weight₂ / (weight₁ + weight₂): of whole tensors, or " +
    "of rows or columns; with a base, between their changes.",
  use: "Choose it instead of slerp for weights per model, for interpolation row by row, or for changes of a base.",
  source: "https://github.com/arcee-ai/mergekit",
  inputs: { base: "optional", minimum: 1, maximum: 2 },
  croppedTo: "common",
  parameters: {
    nuslerp_row_wise: flag("Without nuslerp_flatten: interpolate along the first axis, not along the last.", false),
    nuslerp_flatten: flag("Interpolate each tensor as one vector.", true),
  },
  inputParameters: { weight },
  check(tensor) {
    const { inputs, base } = tensor;
    if (base !== null && inputs.length === 1) {
      throw mergeError(tensor, nuslerp.name, {
        expected: "two models beside the base",
        got: `${inputs[0].label} beside the base ${base.label}`,
        hint: "Add a second model: the base of nuslerp is not one of the two.",
      });
    }
    checkInputs(nuslerp, tensor);
  },
  *merge(tensor) {
    nuslerp.check?.(tensor);
    const { inputs, base, isCompatible } = tensor;
    if (inputs.length === 1) return yield* copyOf(tensor, inputs[0]);
    const t = shareOfSecond(tensor);
    if (!isCompatible) {
      if (t === 0 || t === 1) return yield* copyOf(tensor, inputs[t]);
      if (areCopies(tensor, inputs)) return yield* copyOf(tensor, inputs[0]);
    }
    const layout = layoutOf(tensor);
    const shares = sharesOf(tensor, layout, t);
    const read = changeReader(tensor);
    let out: Float32Array | undefined;
    for (const chunk of chunksOf(tensor.length, layout.unit)) {
      const { vectors, from } = read(chunk);
      out = interpolate(tensor, layout, shares, chunk, vectors, out);
      yield from === null || base === null
        ? out
        : tensor.kernels.weightedSum([from, out], [1, 1], 1, tensor.dtype, out);
    }
  },
};

function shareOfSecond(tensor: TensorToMerge): number {
  const [first, second] = tensor.inputs.map((input) => requiredValue(tensor, nuslerp.name, input, "weight"));
  return Math.abs(first + second) < 1e-6 ? 0.5 : second / (first + second);
}

/** How the tensor falls into vectors that are interpolated. */
interface Layout {
  /** Of vectors. */
  readonly count: number;
  /** Elements that a chunk has a multiple of. */
  readonly unit: number;
  /** The groups of a chunk, and the first of them. */
  of(chunk: Chunk): { readonly groups: Groups; readonly first: number };
}

function layoutOf(tensor: TensorToMerge): Layout {
  if (tensor.values.nuslerp_flatten !== 0) {
    return { count: 1, unit: 1, of: ({ count }) => ({ groups: oneGroup(count), first: 0 }) };
  }
  if (tensor.values.nuslerp_row_wise === 0) {
    const { rows, columns } = lastAxisRows(tensor);
    return {
      count: rows,
      unit: columns,
      of: ({ from, count }) => ({ groups: { rows: count / columns, columns, of: "rows" }, first: from / columns }),
    };
  }
  const columns = tensor.length / (tensor.shape[0] ?? 1);
  return {
    count: columns,
    unit: columns,
    of: ({ count }) => ({ groups: { rows: count / columns, columns, of: "columns" }, first: 0 }),
  };
}

/** Reads the two models of a chunk, or their changes from the base, and the base. */
function changeReader(tensor: TensorToMerge) {
  const { inputs, base, kernels } = tensor;
  const dtypes = inputs.map((input) => changeDType(tensor, input));
  const read = chunkReader(base === null ? inputs : [...inputs, base]);
  const changes: (Float32Array | undefined)[] = [];
  return (chunk: Chunk): { readonly vectors: readonly MergeVector[]; readonly from: MergeVector | null } => {
    const [first, second, from] = read(chunk);
    if (base === null) return { vectors: [first, second], from: null };
    [first, second].forEach((vector, k) => (changes[k] = kernels.difference(vector, from, dtypes[k], changes[k])));
    return { vectors: changes.map((change) => change!), from };
  };
}

interface Shares {
  readonly factors: readonly [Float32Array, Float32Array];
  readonly divisors: Float32Array;
}

/** The factors of both models and the divisor of each vector; every step is rounded to the dtype. */
function sharesOf(tensor: TensorToMerge, layout: Layout, t: number): Shares {
  const round = rounder(tensor.dtype);
  const norms = normsOf(tensor, layout);
  const cosines = cosinesOf(tensor, layout, norms);
  const [rest, share] = [Math.fround(1 - t), Math.fround(t)];
  // In f16, 1e-8 is 0: upstream then divides by a sine of 0, which makes rows of parallel models NaN.
  const smallestSine = tensor.isCompatible ? round(1e-8) : 1e-8;
  const factors = [new Float32Array(layout.count), new Float32Array(layout.count)] as const;
  const divisors = new Float32Array(layout.count);
  cosines.forEach((cosine, group) => {
    const angle = round(Math.acos(Math.min(1, Math.max(-1, round(cosine)))));
    const sine = round(Math.sin(angle));
    const isColinear = Math.abs(sine) < smallestSine;
    factors[0][group] = isColinear ? rest : round(Math.sin(round(rest * angle)));
    factors[1][group] = isColinear ? share : round(Math.sin(round(share * angle)));
    divisors[group] = isColinear ? 1 : sine;
  });
  return { factors, divisors };
}

function normsOf(tensor: TensorToMerge, layout: Layout): readonly Float32Array[] {
  const { kernels, inputs } = tensor;
  const dtypes = inputs.map((input) => changeDType(tensor, input));
  const read = changeReader(tensor);
  const squares = inputs.map(() => new Float64Array(layout.count));
  for (const chunk of chunksOf(tensor.length, layout.unit)) {
    const { groups, first } = layout.of(chunk);
    read(chunk).vectors.forEach((a, k) =>
      kernels.addProducts({ a, b: a, groups, dtype: dtypes[k], isExact: true }, squares[k].subarray(first)),
    );
  }
  requireFinite(tensor, nuslerp.name, inputs, squares);
  return squares.map((own, k) => {
    const round = rounder(dtypes[k]);
    return Float32Array.from(own, (square) => Math.max(round(Math.sqrt(square)), round(1e-7)));
  });
}

function cosinesOf(tensor: TensorToMerge, layout: Layout, norms: readonly Float32Array[]): Float64Array {
  const { kernels, dtype, inputs } = tensor;
  const dtypes = inputs.map((input) => changeDType(tensor, input));
  const isMixed = dtypes.some((own) => own !== dtype);
  const read = changeReader(tensor);
  const cosines = new Float64Array(layout.count);
  for (const chunk of chunksOf(tensor.length, layout.unit)) {
    const { groups, first } = layout.of(chunk);
    const { vectors } = read(chunk);
    const count = groups.of === "rows" ? groups.rows : groups.columns;
    const divisors = norms.map((own) => own.subarray(first, first + count));
    const [a, b] = isMixed
      ? vectors.map((vector, k) => unitsOf(kernels, vector, divisors[k], groups, dtypes[k]))
      : vectors;
    const [aDivisors, bDivisors] = isMixed ? [] : divisors;
    kernels.addProducts({ a, b, aDivisors, bDivisors, groups, dtype, isExact: false }, cosines.subarray(first));
  }
  return cosines;
}

/** Vectors divided by their norms in the dtype that they have. */
function unitsOf(
  kernels: MergeKernels,
  vector: MergeVector,
  divisors: Float32Array,
  groups: Groups,
  dtype: MergeDType,
): Float32Array {
  const factors = [new Float32Array(divisors.length).fill(1)];
  return kernels.groupedSum({ inputs: [vector], factors, divisors, groups, dtype });
}

function interpolate(
  { kernels, dtype }: TensorToMerge,
  layout: Layout,
  { factors, divisors }: Shares,
  chunk: Chunk,
  inputs: readonly MergeVector[],
  out: Float32Array | undefined,
): Float32Array {
  const { groups, first } = layout.of(chunk);
  const last = first + (groups.of === "rows" ? groups.rows : groups.columns);
  const part = (values: Float32Array) => values.subarray(first, last);
  return kernels.groupedSum({ inputs, factors: factors.map(part), divisors: part(divisors), groups, dtype }, out);
}
