import { chunkElements } from "../core/method.js";
import type { CopiedTensor, MergedTensor } from "../plan/merge-plan.js";
import { tensorToMerge, type TensorTools } from "../plan/tensor-to-merge.js";

const stored = { F32: "f32", BF16: "bf16", F16: "f16" } as const;

/** The bytes of a merged tensor, in order. */
export function* mergedChunks(tensor: MergedTensor, tools: TensorTools): Generator<Uint8Array> {
  const dtype = stored[tensor.tag as keyof typeof stored];
  for (const chunk of tools.config.method.merge(tensorToMerge(tensor, tools))) yield tools.kernels.encode(chunk, dtype);
}

const copyBytes = chunkElements * 4;

export function* copiedChunks({ source, byteLength }: CopiedTensor): Generator<Uint8Array> {
  for (let at = 0; at < byteLength; at += copyBytes) {
    const bytes = source.readBytes?.(at, Math.min(copyBytes, byteLength - at));
    if (bytes !== undefined) yield bytes;
  }
}
