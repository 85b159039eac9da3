import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { openModelFolder } from "../../model/files/model-folder.js";
import { StrataError } from "../../errors/strata-error.js";
import { removeAbandonedPartials } from "../../files/partial-files.js";
import type { BosChoice } from "../../tokenizer/bos.js";
import { modelMetadata } from "./model-metadata.js";
import { tensorChunks } from "./tensor-chunks.js";
import { planTensors } from "./tensor-plan.js";
import type { TensorType } from "./tensor-type.js";
import { tokenizerMetadata } from "./tokenizer-metadata.js";
import { writeGguf } from "./write-gguf.js";

export interface GgufOptions {
  /** Hugging Face folder with the model and its tokenizer. */
  readonly folder: string;
  /** The file to write. */
  readonly path: string;
  /** The type of matrices; vectors are f32. */
  readonly type: TensorType;
  /** `general.name`, which readers display; by default the folder's name. */
  readonly name?: string;
  /** Whether BOS precedes every text. Default: `auto`, as the tokenizer's files say. */
  readonly bos?: BosChoice;
  /** Whether to replace an existing file. */
  readonly replace: boolean;
  /** In elements. */
  onProgress?(done: number, total: number): void;
}

export interface GgufRecord {
  readonly tensors: number;
  readonly elements: number;
  readonly bytes: number;
  /** Matrices kept in f16 because their rows are not whole blocks of the type. */
  readonly keptF16: readonly string[];
  /** What the user should know about the model's folder. */
  readonly notes: readonly string[];
}

/**
 * Writes a model and its tokenizer as one GGUF file for llama.cpp, streaming tensors in chunks. Removes the partial
 * files of killed exports to the same path.
 *
 * @throws StrataError if the model, its tokenizer or a value cannot be exported; `path` is not written then
 */
export function exportGguf(options: GgufOptions): GgufRecord {
  const { folder, path, type, replace } = options;
  if (!replace && existsSync(path)) throw present(path);
  const model = openModelFolder(folder);
  const metadata = [
    ...modelMetadata(model.config, options.name ?? basename(resolve(folder)), type),
    ...tokenizerMetadata(folder, model.config, options.bos ?? "auto"),
  ];
  const tensors = planTensors(model, type);
  const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
  const elements = tensors.reduce((sum, { shape }) => sum + count(shape), 0);
  removeAbandonedPartials(path);
  let done = 0;
  const bytes = writeGguf(path, metadata, tensors, function* (tensor) {
    yield* tensorChunks(tensor);
    options.onProgress?.((done += count(tensor.shape)), elements);
  });
  const keptF16 = tensors.filter((tensor) => tensor.type === "f16" && type !== "f16").map(({ name }) => name);
  return { tensors: tensors.length, elements, bytes, keptF16, notes: model.notes };
}

function present(path: string): StrataError {
  return new StrataError("FileError", {
    where: path,
    expected: "a file that does not exist yet",
    got: "an existing file",
    hint: "Choose another name, or replace the file with --force.",
  });
}
