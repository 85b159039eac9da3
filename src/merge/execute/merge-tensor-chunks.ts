import { meterAttribution } from "../attribution/attribution-meter.js";
import type { TensorAttribution } from "../attribution/tensor-attribution.js";
import { mergeDTypes } from "../core/merge-dtype.js";
import { chunkElements } from "../core/method.js";
import type { CopiedTensor, MergedTensor } from "../plan/merge-plan.js";
import { tensorToMerge, type TensorTools } from "../plan/tensor-to-merge.js";

/**
 * The bytes of a merged tensor, in order, each valid until the one after the next is asked for.
 *
 * @param record  called at the end with what arrived of each input's change
 */
export function* mergedChunks(
  tensor: MergedTensor,
  tools: TensorTools,
  record: (attribution: TensorAttribution) => void,
): Generator<Uint8Array> {
  const { method } = tools.config;
  const dtype = mergeDTypes[tensor.tag];
  const meter = meterAttribution(tensor.name, method.name, tensorToMerge(tensor, tools));
  let [bytes, before] = [undefined, undefined] as (Uint8Array | undefined)[];
  for (const chunk of method.merge(meter.tensor)) {
    meter.add(chunk);
    [bytes, before] = [tools.kernels.encode(chunk, dtype, before), bytes];
    yield bytes;
  }
  record(meter.finish());
}

const copyBytes = chunkElements * 4;

/** The bytes of a tensor as stored, in order, each in new memory. */
export function* copiedChunks({ source, byteLength }: CopiedTensor): Generator<Uint8Array> {
  for (let at = 0; at < byteLength; at += copyBytes) {
    const bytes = source.readBytes?.(at, Math.min(copyBytes, byteLength - at));
    if (bytes !== undefined) yield bytes;
  }
}
