import { StrataError } from "../errors/strata-error.js";
import { readTensorBytes, type StoredTensor } from "../tensor/safetensors.js";
import type { TensorSources } from "./sources.js";

/** Bytes compared at a time. */
const pieceBytes = 1 << 22;

/** @throws StrataError if a part that did not train this tensor has other bytes than the base */
export function checkFrozen({ base, frozen }: TensorSources): void {
  const others = frozen.filter(({ path }) => path !== base.path);
  for (const tensor of others) if (tensor.dtype !== base.dtype) throw changed(tensor, base, tensor.dtype);
  if (others.length === 0) return;
  for (let at = 0; at < base.byteLength; at += pieceBytes) {
    const length = Math.min(pieceBytes, base.byteLength - at);
    const expected = readTensorBytes(base, at, length);
    for (const tensor of others) {
      if (Buffer.compare(readTensorBytes(tensor, at, length), expected) !== 0)
        throw changed(tensor, base, "other values");
    }
  }
}

function changed(tensor: StoredTensor, base: StoredTensor, got: string): StrataError {
  return new StrataError("MergeError", {
    where: `${tensor.path} ${tensor.name}`,
    expected: `the ${base.dtype} bytes of ${base.path}, for it lies outside this part's window`,
    got,
    hint: "This part started from another model than the base, or trained another window than the one named here.",
  });
}
