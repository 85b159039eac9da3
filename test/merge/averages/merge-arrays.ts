import { openMergeKernels } from "../../../src/merge/core/kernels/open-kernels.js";
import { roundTo } from "../../../src/merge/core/kernels/rounding.js";
import type { MergeKernels } from "../../../src/merge/core/kernels.js";
import type { MergeDType, MergeInput, MergeMethod, TensorToMerge } from "../../../src/merge/core/method.js";
import { encodeFloats } from "../../../src/tensor/dtype.js";

/** One tensor of each model, as arrays. */
export interface Arrays {
  readonly dtype?: MergeDType;
  readonly shape?: readonly number[];
  readonly models: Readonly<Record<string, ArrayLike<number>>>;
  readonly base?: string;
  /** Values of the method; missing ones have their default. */
  readonly values?: Readonly<Record<string, number>>;
  readonly inputValues?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly isCompatible?: boolean;
  readonly kernels?: MergeKernels;
  /** Numbers of torch's generator, for methods that draw. */
  readonly draws?: (count: number) => Uint32Array;
}

export interface Merged {
  readonly values: Float32Array;
  readonly notes: readonly string[];
}

const { kernels } = openMergeKernels(2);

/** Merges with a method and copies its chunks together. */
export function mergeArrays(method: MergeMethod, arrays: Arrays): Merged {
  const notes = new Set<string>();
  const tensor = tensorOf(method, arrays, (text) => notes.add(text));
  const values = new Float32Array(tensor.length);
  let at = 0;
  for (const chunk of method.merge(tensor)) {
    values.set(chunk, at);
    at += chunk.length;
  }
  if (at !== values.length) throw new Error(`${method.name} gave ${at} of ${values.length} elements`);
  return { values, notes: [...notes] };
}

export function tensorOf(method: MergeMethod, arrays: Arrays, note: (text: string) => void = () => {}): TensorToMerge {
  const { dtype = "f32", models, base, inputValues = {} } = arrays;
  const inputs = Object.entries(models).map(([label, data], k) =>
    inputOf(label, Float32Array.from(data), dtype, inputValues[label] ?? {}, k % 2 === 1),
  );
  const found = inputs.find(({ label }) => label === base) ?? null;
  const isInput = method.inputs.base === "none" || method.inputs.base === "member";
  const length = Object.values(models)[0].length;
  return {
    where: "the tensor w",
    shape: arrays.shape ?? [length],
    length,
    dtype,
    inputs: isInput ? inputs : inputs.filter((input) => input !== found),
    base: found,
    values: { ...defaultsOf(method), ...arrays.values },
    kernels: arrays.kernels ?? kernels,
    random: {
      next: arrays.draws ?? (() => new Uint32Array(0)),
      skip: () => {},
      copy: () => tensorOf(method, arrays).random,
    },
    isCompatible: arrays.isCompatible ?? false,
    note,
  };
}

function defaultsOf({ parameters }: MergeMethod): Record<string, number> {
  const known = Object.entries(parameters).filter(([, { default: value }]) => typeof value === "number");
  return Object.fromEntries(known.map(([key, { default: value }]) => [key, value!]));
}

/** Every second input offers the bytes that it is stored as. */
function inputOf(
  label: string,
  data: Float32Array,
  dtype: MergeDType,
  values: Readonly<Record<string, number>>,
  isStored: boolean,
): MergeInput {
  const rounded = data.map((value) => roundTo(dtype, value));
  const read = (from: number, count: number) => rounded.slice(from, from + count);
  const readStored = (from: number, count: number) =>
    ({ bytes: encodeFloats(read(from, count), dtype), stored: dtype }) as const;
  return isStored ? { label, values, read, readStored } : { label, values, read };
}

/** The distance of two values in units of the last place of a 16-bit dtype. */
export function placesApart(a: number, b: number, dtype: "bf16" | "f16"): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) === Number.isNaN(b) ? 0 : Infinity;
  const rank = (value: number) => {
    const bytes = encodeFloats(Float32Array.of(value), dtype);
    const bits = bytes[0] + 256 * bytes[1];
    return bits & 0x8000 ? -(bits & 0x7fff) : bits;
  };
  return Math.abs(rank(a) - rank(b));
}
