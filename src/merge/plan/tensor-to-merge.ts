import type { MergeConfig } from "../config/merge-config.js";
import type { MergeKernels } from "../core/kernels.js";
import type { MergeInput, TensorToMerge } from "../core/method.js";
import type { RandomStream } from "../core/random-stream.js";
import type { MergedTensor, PlannedInput } from "./merge-plan.js";

/** What a tensor is merged with. */
export interface TensorTools {
  readonly config: MergeConfig;
  readonly isCompatible: boolean;
  readonly kernels: MergeKernels;
  readonly random: RandomStream;
  note(text: string): void;
}

/** A planned tensor as methods take it. */
export function tensorToMerge(tensor: MergedTensor, tools: TensorTools): TensorToMerge {
  const { config, isCompatible, kernels, random, note } = tools;
  const inputs = new Map<PlannedInput, MergeInput>();
  const inputOf = (planned: PlannedInput): MergeInput => {
    const input = inputs.get(planned) ?? toInput(planned, kernels);
    inputs.set(planned, input);
    return input;
  };
  return {
    where: `${config.file} ${tensor.name}`,
    shape: tensor.shape,
    length: tensor.length,
    dtype: tensor.dtype,
    inputs: tensor.inputs.map(inputOf),
    base: tensor.base === null ? null : inputOf(tensor.base),
    values: tensor.values,
    kernels,
    random,
    isCompatible,
    note,
  };
}

function toInput({ model, tensor, values, dtype }: PlannedInput, kernels: MergeKernels): MergeInput {
  const read: MergeInput["read"] = (from, count) => tensor.read(from, count, dtype, kernels);
  const { readBytes, dtype: stored } = tensor;
  const isDirect = readBytes !== null && stored !== null && stored !== "f64" && (stored === dtype || dtype === "f32");
  if (!isDirect) return { label: model.label, values, dtype, read };
  const width = stored === "f32" ? 4 : 2;
  const readStored = (from: number, count: number) => ({ bytes: readBytes(from * width, count * width), stored });
  return { label: model.label, values, dtype, read, readStored };
}
