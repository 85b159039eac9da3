import { decodeFloats, encodeFloats, type DType } from "./dtype.js";
import { StrataError } from "../errors/strata-error.js";
import { storedChunks, type StoredTensor } from "./safetensors.js";

/** From this magnitude on, f16 rounds to infinity. */
const f16Overflow = 65520;

/** A tensor's bytes in `dtype`, rounded to nearest even. @throws StrataError for a value beyond the range of f16 */
export function* convertedChunks(tensor: StoredTensor, dtype: DType): Generator<Uint8Array> {
  for (const chunk of storedChunks(tensor)) {
    if (tensor.dtype === dtype) {
      yield chunk;
      continue;
    }
    const values = decodeFloats(chunk, tensor.dtype);
    const large = dtype === "f16" ? values.find((value) => Math.abs(value) >= f16Overflow) : undefined;
    if (large !== undefined) throw tooLarge(tensor, large);
    yield encodeFloats(values, dtype);
  }
}

function tooLarge({ path, name }: StoredTensor, value: number): StrataError {
  return new StrataError("CheckpointError", {
    where: `${path} ${name}`,
    expected: "values in the range of f16, at most ±65504",
    got: String(value),
    hint: "Convert the start model to bf16 and train again.",
  });
}
