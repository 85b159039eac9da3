import type { ModelConfig } from "../../model/config/model-config.js";
import type { ModelFolder } from "../../model/files/model-folder.js";
import { inverseFrequencies } from "../../model/layers/rope-table.js";
import { StrataError } from "../../errors/strata-error.js";
import type { StoredTensor } from "../../tensor/safetensors.js";
import { architectureName } from "./model-metadata.js";
import { ggufName, isRotated } from "./tensor-names.js";
import { tensorTypes, type TensorType } from "./tensor-type.js";
import type { GgufTensor } from "./write-gguf.js";

/** A tensor to write, and where its values come from: a tensor of the model, or numbers. */
export interface PlannedTensor extends GgufTensor {
  readonly source: StoredTensor | Float32Array;
  /** Rows that stay together: E of a query or key, whose rows are reordered within a head; else 1. */
  readonly rowsTogether: number;
}

/**
 * All tensors of the file. Vectors are f32, matrices of `type`; a matrix whose rows are no whole blocks of `type` is f16, as in
 * llama.cpp's converter. A tied head is left out: readers take the embedding.
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
      rowsTogether: interleaves && isRotated(key) ? config.headDim : 1,
    };
  });
  if (config.ropeScaling?.kind !== "llama3") return planned;
  if (!interleaves) throw noFactors(folder);
  return [ropeFactors(config), ...planned];
}

/** llama.cpp reads the factors for Llama alone. */
function noFactors(folder: string): StrataError {
  return new StrataError("ModelError", {
    where: `${folder} rope_scaling`,
    expected: "none or linear in a Qwen2 model, as llama.cpp has it",
    got: "llama3",
    hint: "llama.cpp cannot run this model.",
  });
}

/** By how much llama.cpp divides each inverse frequency [E/2]; it reads the scaling of Llama 3 from this tensor alone. */
function ropeFactors(config: ModelConfig): PlannedTensor {
  const plain = inverseFrequencies({ ...config, ropeScaling: null });
  const scaled = inverseFrequencies(config);
  const source = plain.map((frequency, j) => frequency / scaled[j]);
  return { name: "rope_freqs.weight", shape: [source.length], type: "f32", source, rowsTogether: 1 };
}

function nameless(where: string): StrataError {
  const hint = "Strata exports the tensors of a Llama to GGUF.";
  return new StrataError("ModelError", {
    where,
    expected: "a tensor that llama.cpp has a name for",
    got: "another",
    hint,
  });
}

function typeOf(shape: readonly number[], type: TensorType): TensorType {
  if (shape.length < 2) return "f32";
  return shape[shape.length - 1] % tensorTypes[type].blockSize === 0 ? type : "f16";
}
