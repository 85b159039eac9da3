import type { PlannedShard, PlannedTensor } from "./merge-plan.js";

/**
 * Fills files in the order of the tensors; a file ends before the tensor that would exceed the limit. A tensor larger
 * than the limit is alone in its file.
 *
 * @param limit  bytes; 0: no limit
 */
export function planShards(tensors: readonly PlannedTensor[], limit: number): readonly PlannedShard[] {
  const groups: PlannedTensor[][] = [[]];
  let bytes = 0;
  for (const tensor of tensors) {
    const last = groups[groups.length - 1];
    if (limit > 0 && last.length > 0 && bytes + tensor.byteLength > limit) {
      groups.push([tensor]);
      bytes = tensor.byteLength;
    } else {
      last.push(tensor);
      bytes += tensor.byteLength;
    }
  }
  if (groups.length === 1) return [{ name: "model.safetensors", tensors: groups[0] }];
  const number = (n: number) => String(n).padStart(5, "0");
  return groups.map((group, i) => ({
    name: `model-${number(i + 1)}-of-${number(groups.length)}.safetensors`,
    tensors: group,
  }));
}
