import { createAtomicFile } from "../../files/atomic-file.js";
import { encodeEntry, encodeString, encodeU32, encodeU64, type Metadata } from "./metadata.js";
import { encodedBytes, tensorTypes, type TensorType } from "./tensor-type.js";

export interface GgufTensor {
  readonly name: string;
  readonly type: TensorType;
  /** As in safetensors, [rows, columns]; the file stores the reverse. */
  readonly shape: readonly number[];
}

/** In bytes, for the start of each tensor: the default if `general.alignment` is absent. */
const alignment = 32;
const version = 3;

/**
 * Writes a GGUF file atomically, tensor by tensor: `path` appears only when the file is complete and synced to disk.
 *
 * @param chunks  called once per tensor, in order; returns its bytes in chunks
 * @throws RangeError if the chunks of a tensor do not add up to its size; StrataError when the disk is full
 * @returns the size of the file in bytes
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
export function writeGguf<T extends GgufTensor>(
  path: string,
  metadata: Metadata,
  tensors: readonly T[],
  chunks: (tensor: T) => Iterable<Uint8Array>,
): number {
  const file = createAtomicFile(path);
  let size = 0;
  const write = (bytes: Uint8Array) => {
    file.write(bytes);
    size += bytes.length;
  };
  const pad = () => write(new Uint8Array(padding(size)));
  try {
    write(header(metadata, tensors));
    pad();
    for (const tensor of tensors) {
      const start = size;
      for (const chunk of chunks(tensor)) write(chunk);
      const expected = tensorBytes(tensor);
      if (size - start !== expected)
        throw new RangeError(`${tensor.name}: ${size - start} bytes instead of ${expected}`);
      pad();
    }
    file.commit();
  } finally {
    file.abandon();
  }
  return size;
}

function header(metadata: Metadata, tensors: readonly GgufTensor[]): Buffer {
  const parts = [Buffer.from("GGUF"), encodeU32(version), encodeU64(tensors.length), encodeU64(metadata.length)];
  for (const [key, value] of metadata) parts.push(encodeEntry(key, value));
  let offset = 0;
  for (const tensor of tensors) {
    const { name, shape, type } = tensor;
    parts.push(encodeString(name), encodeU32(shape.length), ...shape.toReversed().map(encodeU64));
    parts.push(encodeU32(tensorTypes[type].code), encodeU64(offset));
    const length = tensorBytes(tensor);
    offset += length + padding(length);
  }
  return Buffer.concat(parts);
}

function tensorBytes({ shape, type }: GgufTensor): number {
  return encodedBytes(
    type,
    shape.reduce((a, b) => a * b, 1),
  );
}

function padding(position: number): number {
  return (alignment - (position % alignment)) % alignment;
}
