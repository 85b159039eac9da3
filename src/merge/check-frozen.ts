import { StrataError } from "../errors/strata-error.js";
import { readTensorBytes, type StoredTensor } from "../tensor/safetensors.js";
import type { TensorSources } from "./sources.js";

/** Bytes per comparison. */
const chunkBytes = 1 << 22;

/** @throws StrataError if the bytes of a part that did not train this tensor differ from the base's */
export function checkFrozen({ base, frozen }: TensorSources): void {
  const others = frozen.filter(({ path }) => path !== base.path);
  for (const tensor of others) if (tensor.dtype !== base.dtype) throw changed(tensor, base, tensor.dtype);
  if (others.length === 0) return;
  for (let at = 0; at < base.byteLength; at += chunkBytes) {
    const length = Math.min(chunkBytes, base.byteLength - at);
    const expected = readTensorBytes(base, at, length);
    for (const tensor of others) {
      if (Buffer.compare(readTensorBytes(tensor, at, length), expected) !== 0)
        throw changed(tensor, base, "different values");
    }
  }
}

function changed(tensor: StoredTensor, base: StoredTensor, got: string): StrataError {
  return new StrataError("MergeError", {
    where: `${tensor.path} ${tensor.name}`,
    expected: `the ${base.dtype} bytes of ${base.path}, because it is outside this part's window`,
    got,
    hint: "This part was not trained from this base, or not with this window.",
  });
}
