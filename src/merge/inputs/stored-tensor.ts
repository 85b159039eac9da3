import { bytesPerElement } from "../../tensor/dtype.js";
import { mergeDTypes } from "../core/merge-dtype.js";
import type { FileReader } from "./file-reader.js";
import type { InputTensor, StoredDType } from "./input-tensor.js";

const dtypes: Readonly<Record<string, StoredDType>> = { ...mergeDTypes, F64: "f64" };

/** Where the contiguous bytes of a tensor are. */
export interface StoredPlace {
  readonly name: string;
  readonly tag: string;
  readonly shape: readonly number[];
  readonly path: string;
  readonly byteOffset: number;
  readonly byteLength: number;
  /** CRC-32 of the bytes; null if the file has none. */
  readonly checksum: number | null;
}

export function storedTensor(place: StoredPlace, files: FileReader): InputTensor {
  const { name, tag, shape, path, byteOffset, byteLength } = place;
  const dtype = Object.hasOwn(dtypes, tag) ? dtypes[tag] : null;
  const readBytes = files.tensorReads(place);
  return {
    name,
    where: `${path} ${name}`,
    shape,
    dtype,
    tag,
    storedBytes: byteLength,
    readBytes,
    expect: (from, length) => files.expect(path, byteOffset + from, length),
    read(from, count, rounded, kernels) {
      if (dtype === null) throw new Error(`${path} ${name} of type ${tag} is read as numbers`);
      const width = bytesPerElement(dtype);
      return kernels.decode(readBytes(from * width, count * width), dtype, rounded);
    },
  };
}
