import type { ModelConfig } from "../../model/config/model-config.js";
import type { ModelFolder } from "../../model/files/model-folder.js";
import { inverseFrequencies } from "../../model/layers/rope-table.js";
import { StrataError } from "../../errors/strata-error.js";
import type { StoredTensor } from "../../tensor/safetensors.js";
import { architectureName } from "./model-metadata.js";
import { ggufName, isRotated } from "./tensor-names.js";
import { tensorTypes, type TensorType } from "./tensor-type.js";
import type { GgufTensor } from "./write-gguf.js";

/** A tensor to write, and its source: a tensor of the model, or computed values. */
export interface PlannedTensor extends GgufTensor {
  readonly source: StoredTensor | Float32Array;
  /** Rows that a chunk must not separate: E for a query or key, whose rows are reordered within a head; else 1. */
  readonly rowsPerUnit: number;
}

/**
 * All tensors of the file. Vectors are f32; matrices are `type`, or f16 if their rows are not whole blocks of `type`,
 * as in llama.cpp's converter. A tied head is omitted: readers use the embedding.
 */
export function planTensors({ folder, config, tensors }: ModelFolder, type: TensorType): PlannedTensor[] {
  const interleaves = architectureName(config) === "llama";
  const planned = [...tensors].map(([key, source]): PlannedTensor => {
    const { shape } = source;
    const name = ggufName(key);
    if (name === null) throw nameless(`${folder} ${key}`);
    return {
      name,
      shape,
      source,
      type: typeOf(shape, type),
      rowsPerUnit: interleaves && isRotated(key) ? config.headDim : 1,
    };
  });
  if (config.ropeScaling?.kind !== "llama3") return planned;
  if (!interleaves) throw noFactors(folder);
  return [ropeFactors(config), ...planned];
}

/** llama.cpp reads rope factors only for Llama. */
function noFactors(folder: string): StrataError {
  return new StrataError("ModelError", {
    where: `${folder} rope_scaling`,
    expected: "none or linear, which llama.cpp supports for Qwen2",
    got: "llama3",
    hint: "llama.cpp cannot run this model.",
  });
}

/** The divisor of each inverse frequency [E/2]; llama.cpp reads Llama 3's scaling only from this tensor. */
function ropeFactors(config: ModelConfig): PlannedTensor {
  const plain = inverseFrequencies({ ...config, ropeScaling: null });
  const scaled = inverseFrequencies(config);
  const source = plain.map((frequency, j) => frequency / scaled[j]);
  return { name: "rope_freqs.weight", shape: [source.length], type: "f32", source, rowsPerUnit: 1 };
}

function nameless(where: string): StrataError {
  return new StrataError("ModelError", {
    where,
    expected: "a tensor that has a name in llama.cpp",
    got: "one without",
    hint: "Strata exports only the tensors of Llama-type models to GGUF.",
  });
}

function typeOf(shape: readonly number[], type: TensorType): TensorType {
  if (shape.length < 2) return "f32";
  return shape[shape.length - 1] % tensorTypes[type].blockSize === 0 ? type : "f16";
}
