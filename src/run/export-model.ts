import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createFolder } from "../files/create-folder.js";
import { openModelFolder, type ModelFolder } from "../model/files/model-folder.js";
import { writeModelFolder } from "../model/files/write-model-folder.js";
import { modelCard } from "../report/model-card.js";
import { writeFileAtomic } from "../files/atomic-file.js";
import { convertedChunks } from "../tensor/converted-chunks.js";
import { StrataError } from "../errors/strata-error.js";
import { partialPath, removeAbandonedPartials } from "../files/partial-files.js";
import type { StoredTensor, TensorEntry } from "../tensor/safetensors.js";
import { jobFolder, type Store } from "../jobs/job-folder.js";
import { modelCardFacts } from "./facts/model-card-facts.js";
import type { RunPlan } from "./graph/run-graph.js";
import { refusePointers } from "./kinds/tokenizer.js";
import { strategyModel } from "./facts/strategy-model.js";

export interface ExportTarget {
  /** A new folder, or an empty one. */
  readonly folder: string;
  /** Maximum bytes of a weights file; larger models are sharded. */
  readonly shardBytes: number;
  onProgress?(done: number, total: number): void;
}

export interface ExportOptions extends ExportTarget {
  /** A strategy of the run, or `base` for the model that strategies start from. */
  readonly strategy: string;
}

/**
 * Writes a strategy's final model as a Hugging Face folder: each tensor in the dtype of the run's initial model, that
 * model's other files unchanged, and a model card. The folder appears only when it is complete.
 *
 * @returns what the user should know about the run's initial model
 * @throws StrataError if the strategy does not exist, its model is unfinished or damaged, or the folder is not empty
 */
export async function exportModel(store: Store, plan: RunPlan, options: ExportOptions): Promise<readonly string[]> {
  const { jobs, folder: source } = await strategyModel(store, plan, options.strategy);
  const start = openModelFolder(join(jobFolder(store, plan.initializeJob.id), "model"));
  await writeExport(openModelFolder(source), start, options, (partial) =>
    writeFileAtomic(join(partial, "README.md"), modelCard(modelCardFacts(store, plan, jobs, start))),
  );
  return start.notes;
}

/**
 * Copies a Hugging Face folder, with its weights in files of at most `shardBytes`; throws as `exportModel` does.
 *
 * @returns what the user should know about the source
 */
export async function exportModelFolder(source: string, options: ExportTarget): Promise<readonly string[]> {
  const model = openModelFolder(source);
  refusePointers(readdirSync(source).map((name) => ({ path: join(source, name) })));
  await writeExport(model, model, options, () => {});
  return model.notes;
}

/**
 * @param start   has the dtypes of the tensors, and the other files
 * @param finish  adds files to the partial folder before it is renamed
 */
async function writeExport(
  model: ModelFolder,
  start: ModelFolder,
  { folder: target, shardBytes, onProgress }: ExportTarget,
  finish: (partial: string) => void,
): Promise<void> {
  // `resolve` removes a trailing slash, with which the partial folder would be inside the target.
  const folder = resolve(target);
  if (existsSync(folder) && readdirSync(folder).length > 0) throw notEmpty(folder);
  const entries = [...start.tensors].map(([name, { shape, dtype }]): TensorEntry => ({ name, shape, dtype }));
  const partial = partialPath(folder);
  removeAbandonedPartials(folder);
  try {
    let done = 0;
    await writeModelFolder(
      partial,
      start,
      entries,
      function* ({ name, dtype }) {
        yield* convertedChunks(tensorOf(model, name), dtype);
        onProgress?.(++done, entries.length);
      },
      shardBytes,
    );
    finish(partial);
    createFolder(dirname(folder));
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function tensorOf({ folder, tensors }: ModelFolder, name: string): StoredTensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`${folder} was opened without ${name}`);
  return tensor;
}

function notEmpty(folder: string): StrataError {
  return new StrataError("FileError", {
    where: folder,
    expected: "a new or empty folder",
    got: "a folder with files",
    hint: "Choose another folder, or remove this one.",
  });
}
