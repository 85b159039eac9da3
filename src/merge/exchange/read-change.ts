import { StrataError } from "../../errors/strata-error.js";
import { elements } from "../../model/config/parameter-counts.js";
import { parameters, type Parameter } from "../../model/config/parameters.js";
import type { ModelConfig } from "../../model/config/model-config.js";
import { isTrained, type Window } from "../../model/config/window.js";
import { openSafetensors, readTensorBytes, type SafetensorsFile, type StoredBytes } from "../../tensor/safetensors.js";
import { readChunk, type PartTensor } from "../chunks.js";
import { blockElements, blocksOf, codeBytes, exchangeDTypes, isBlockDType, type ExchangeDType } from "./formats.js";
import { dequantize } from "./quantize.js";
import { changeEntries, scaleName } from "./write-change.js";

/**
 * Opens what a part has sent. Its tensors are base + change, in f32.
 *
 * @returns by name, the tensors of the window
 * @throws StrataError unless the file has exactly the tensors of the window
 */
export function openChange(path: string, config: ModelConfig, window: Window): ReadonlyMap<string, PartTensor> {
  const file = openSafetensors(path);
  const dtype = exchangeDTypes.find((one) => one === file.metadata.exchange);
  if (dtype === undefined) {
    const expected = `the change of a part, in ${exchangeDTypes.join(", ")}`;
    throw notOfPart(path, expected, String(file.metadata.exchange ?? "another safetensors file"));
  }
  const owned = parameters(config).filter((parameter) => isTrained(parameter, window));
  checkEntries(file, owned, dtype);
  return new Map(owned.map((parameter) => [parameter.name, partTensor(file, parameter, dtype)]));
}

function partTensor(file: SafetensorsFile, { name, shape }: Parameter, dtype: ExchangeDType): PartTensor {
  const changeAt = changeReader(file, name, elements(shape), dtype);
  return {
    dtype: "f32",
    read(from, count, base) {
      const values = changeAt(from, count);
      if (dtype !== "f32") for (let i = 0; i < count; i++) values[i] += base[i];
      return values;
    },
  };
}

/** @returns the change of elements [from, from + count), where `from` is a multiple of the block */
function changeReader(
  { tensors, unreadable }: SafetensorsFile,
  name: string,
  all: number,
  dtype: ExchangeDType,
): (from: number, count: number) => Float32Array {
  const stored = tensors.get(name);
  if (!isBlockDType(dtype)) return (from, count) => readChunk(stored!, from, count);
  const codes = unreadable.get(name)?.bytes as StoredBytes;
  const scales = tensors.get(scaleName(name))!;
  return (from, count) => {
    if (from % blockElements !== 0) throw new RangeError(`${from} is not the start of a block`);
    const first = codeBytes(from, dtype);
    const end = from + count === all ? codes.byteLength : codeBytes(from + count, dtype);
    return dequantize(
      {
        codes: readTensorBytes(codes, first, end - first),
        scales: readChunk(scales, from / blockElements, blocksOf(count)),
      },
      count,
      dtype,
    );
  };
}

function checkEntries(file: SafetensorsFile, owned: readonly Parameter[], dtype: ExchangeDType): void {
  const found = new Map(
    [...file.tensors.values(), ...file.unreadable.values()].map((tensor) => [
      tensor.name,
      `${tensor.dtype.toLowerCase()} of shape [${tensor.shape.join()}]`,
    ]),
  );
  for (const entry of owned.flatMap((parameter) => changeEntries(parameter, dtype))) {
    const expected = `${entry.dtype} of shape [${entry.shape.join()}]`;
    const got = found.get(entry.name) ?? "nothing";
    if (got !== expected) throw notOfPart(`${file.path} ${entry.name}`, expected, got);
    found.delete(entry.name);
  }
  const [other] = found.keys();
  if (other !== undefined) throw notOfPart(`${file.path} ${other}`, "only tensors of the part's window", other);
}

function notOfPart(where: string, expected: string, got: string): StrataError {
  return new StrataError("MergeError", {
    where,
    expected,
    got,
    hint: "The file belongs to another part or another model: give the one that this part has written.",
  });
}
