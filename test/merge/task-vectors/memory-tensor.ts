import { referenceMergeKernels } from "../../../src/merge/core/kernels/reference-kernels.js";
import type { MergeKernels } from "../../../src/merge/core/kernels.js";
import type { MergeDType } from "../../../src/merge/core/merge-dtype.js";
import { MersenneTwister } from "../../../src/merge/core/mersenne-twister.js";
import type { MergeMethod, MethodParameters, ParameterValues, TensorToMerge } from "../../../src/merge/core/method.js";
import type { RandomStream } from "../../../src/merge/core/random-stream.js";
import { methodTable } from "../../../src/merge/methods/table.js";

export type Given = Readonly<Record<string, number | boolean>>;

export interface MemoryMerge {
  readonly method: string;
  readonly shape: readonly number[];
  readonly dtype: MergeDType;
  readonly base: Float32Array;
  readonly inputs: readonly { readonly label: string; readonly values: Given; readonly tensor: Float32Array }[];
  readonly parameters: Given;
  readonly seed?: number;
  readonly random?: RandomStream;
  readonly isCompatible?: boolean;
  readonly kernels?: MergeKernels;
}

export function methodOf(name: string): MergeMethod {
  return methodTable.find((method) => method.name === name)!;
}

function valuesOf(parameters: MethodParameters, given: Given): ParameterValues {
  const defaults = Object.entries(parameters).map(([key, parameter]) => [key, parameter.default] as const);
  return Object.fromEntries(
    defaults.map(([key, standard]) => {
      const value = given[key] ?? standard;
      if (value == null) throw new Error(`${key} is missing`);
      return [key, Number(value)];
    }),
  );
}

/** What a method gets for tensors in memory. */
export function memoryTensor(merge: MemoryMerge, notes: string[] = []): TensorToMerge {
  const method = methodOf(merge.method);
  const input = (label: string, tensor: Float32Array, values: ParameterValues) => ({
    label,
    values,
    read: (from: number, count: number) => tensor.slice(from, from + count),
  });
  return {
    where: "tensor layer.weight",
    shape: merge.shape,
    length: merge.base.length,
    dtype: merge.dtype,
    inputs: merge.inputs.map(({ label, values, tensor }) =>
      input(label, tensor, valuesOf(method.inputParameters, values)),
    ),
    base: input("base", merge.base, {}),
    values: valuesOf(method.parameters, merge.parameters),
    kernels: merge.kernels ?? referenceMergeKernels,
    random: merge.random ?? new MersenneTwister(merge.seed ?? 0),
    isCompatible: merge.isCompatible ?? false,
    note: (text) => void notes.push(text),
  };
}

export function mergeInMemory(merge: MemoryMerge, notes: string[] = []): Float32Array {
  const tensor = memoryTensor(merge, notes);
  const chunks = [...methodOf(merge.method).merge(tensor)];
  const out = new Float32Array(merge.base.length);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  if (at !== out.length) throw new Error(`${merge.method} gave ${at} of ${out.length} elements`);
  return out;
}
