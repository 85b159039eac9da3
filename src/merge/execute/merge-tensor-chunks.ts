import type { MergeKernels } from "../core/kernels.js";
import { chunkElements, type MergeInput, type TensorToMerge } from "../core/method.js";
import type { RandomStream } from "../core/random-stream.js";
import type { CopiedTensor, MergedTensor, MergePlan, PlannedInput } from "../plan/merge-plan.js";

export interface TensorTools {
  readonly kernels: MergeKernels;
  readonly random: RandomStream;
  note(text: string): void;
}

const stored = { F32: "f32", BF16: "bf16", F16: "f16" } as const;

/** The bytes of a merged tensor, in order. */
export function* mergedChunks(tensor: MergedTensor, plan: MergePlan, tools: TensorTools): Generator<Uint8Array> {
  const { method, file } = plan.config;
  const { kernels, random } = tools;
  const toMerge: TensorToMerge = {
    where: `${file} ${tensor.name}`,
    shape: tensor.shape,
    length: tensor.length,
    dtype: tensor.dtype,
    inputs: tensor.inputs.map((input) => toInput(input, kernels)),
    base: tensor.base === null ? null : toInput(tensor.base, kernels),
    values: tensor.values,
    kernels,
    random,
    isCompatible: plan.isCompatible,
    note: tools.note,
  };
  const tag = tensor.tag as keyof typeof stored;
  for (const chunk of method.merge(toMerge)) yield kernels.encode(chunk, stored[tag]);
}

function toInput({ model, tensor, values, dtype }: PlannedInput, kernels: MergeKernels): MergeInput {
  return { label: model.label, values, read: (from, count) => tensor.read(from, count, dtype, kernels) };
}

const copyBytes = chunkElements * 4;

export function* copiedChunks({ source, byteLength }: CopiedTensor): Generator<Uint8Array> {
  for (let at = 0; at < byteLength; at += copyBytes) {
    const bytes = source.readBytes?.(at, Math.min(copyBytes, byteLength - at));
    if (bytes !== undefined) yield bytes;
  }
}
