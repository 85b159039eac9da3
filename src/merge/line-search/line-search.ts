import type { Device } from "../../device/kernels.js";
import { StrataError } from "../../errors/strata-error.js";
import { evaluate } from "../../evaluate/evaluate.js";
import type { EncodedText } from "../../evaluate/task/encoded-text.js";
import { loadAdjustableModel, type AdjustableModel } from "../../model/inference/adjustable-model.js";
import { openModelFolder, type ModelFolder } from "../../model/files/model-folder.js";
import { writeModelFolder } from "../../model/files/write-model-folder.js";
import { encodeFloats } from "../../tensor/dtype.js";
import { storedChunks, type StoredTensor, type TensorEntry } from "../../tensor/safetensors.js";
import type { Tokenizer } from "../../tokenizer/tokenizer.js";
import { openPart } from "../sources.js";
import { changedTensors, scaledChunks, type ChangedTensor, type Lambdas } from "./scaled-model.js";
import { allAt, searchLambda, type FoundLambda, type Loss } from "./search-lambda.js";

export interface LineSearchOptions {
  readonly device: Device;
  /** The model that the parts started from. */
  readonly base: string;
  /** The merged model: λ = 1. */
  readonly merged: string;
  readonly tokenizer: Tokenizer;
  readonly documents: readonly EncodedText[];
  /** The largest λ. */
  readonly maximum: number;
  /** Whether each group of tensors gets its own λ after the common one. */
  readonly groups: boolean;
  /** T of the loss. */
  readonly sequenceLength: number;
  /** The folder of the result. */
  readonly folder: string;
  readonly signal?: AbortSignal;
  /** Called before each candidate. */
  readonly onCandidate?: (done: number) => void;
}

/**
 * Searches λ by the loss of base + λ · (merged − base) on documents, and writes the best model as a Hugging Face folder
 * with the names and dtypes of the merged one. The loss is that of an evaluation. The model is loaded once; for each λ,
 * only the tensors that the merge changed are written again.
 *
 * @throws StrataError if the two models differ in configuration, or no λ has a finite loss
 */
export async function lineSearch(options: LineSearchOptions): Promise<FoundLambda> {
  const base = openModelFolder(options.base);
  const merged = openPart(base, options.merged);
  const changed = changedTensors(base, merged);
  const groups = options.groups ? [...new Set(changed.map(({ group }) => group))] : null;
  const found = await measured(options, merged, changed, (lossAt) => searchLambda(options.maximum, groups, lossAt));
  if (!Number.isFinite(found.loss)) throw notFinite(options.merged, found.loss);
  await writeScaled(options.folder, merged, changed, { ...allAt(found.lambda), ...found.groups });
  return found;
}

/** Calls `search` with a function that measures the loss. */
async function measured<T>(
  { device, tokenizer, documents, sequenceLength, signal, onCandidate }: LineSearchOptions,
  merged: ModelFolder,
  changed: readonly ChangedTensor[],
  search: (lossAt: (lambdas: Lambdas) => Promise<Loss>) => Promise<T>,
): Promise<T> {
  const adjustable = loadAdjustableModel(device, merged, new Set(changed.map(({ name }) => name)));
  const written = new Map<string, number>();
  // Their bytes would give bits per byte, which are not read.
  const task = { name: "λ", kind: "loss", documents: documents.map((one) => ({ ...one, bytes: 0 })) } as const;
  let done = 0;
  try {
    return await search(async (lambdas) => {
      onCandidate?.(done++);
      writeWeights(adjustable, changed, lambdas, written);
      const { model } = adjustable;
      const { scores } = await evaluate({ model, tokenizer, tasks: [task], sequenceLength, prefix: [], signal });
      const { value: loss, standardError } = scores[0].metrics.loss;
      return { loss, standardError };
    });
  } finally {
    adjustable.model.close();
  }
}

/** @param written  the λ of each tensor on the device, which is updated */
function writeWeights(
  { write }: AdjustableModel,
  changed: readonly ChangedTensor[],
  lambdas: Lambdas,
  written: Map<string, number>,
): void {
  for (const tensor of changed) {
    const { name, group } = tensor;
    if (written.get(name) === lambdas[group]) continue;
    for (const { from, values } of scaledChunks(tensor, lambdas[group])) write(name, from, values);
    written.set(name, lambdas[group]);
  }
}

/** At λ = 1, a tensor keeps the bytes of the merged one. */
async function writeScaled(
  folder: string,
  merged: ModelFolder,
  changed: readonly ChangedTensor[],
  lambdas: Lambdas,
): Promise<void> {
  const byName = new Map(changed.map((tensor) => [tensor.name, tensor]));
  const entries = [...merged.tensors].map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const chunks = function* ({ name, dtype }: TensorEntry) {
    const tensor = byName.get(name);
    if (tensor === undefined || lambdas[tensor.group] === 1)
      yield* storedChunks(merged.tensors.get(name) as StoredTensor);
    else for (const { values } of scaledChunks(tensor, lambdas[tensor.group])) yield encodeFloats(values, dtype);
  };
  await writeModelFolder(folder, merged, entries, chunks, undefined, true);
}

function notFinite(where: string, loss: number): StrataError {
  return new StrataError("MergeError", {
    where,
    expected: "a finite loss at some λ",
    got: String(loss),
    hint: "The parts have diverged: lower their learning rate.",
  });
}
