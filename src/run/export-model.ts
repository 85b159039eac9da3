import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
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
import { strategyModel } from "./facts/strategy-model.js";

export interface ExportTarget {
  /** A new folder, or an empty one. */
  readonly folder: string;
  /** Larger weights are written as several files. */
  readonly shardBytes: number;
  onProgress?(done: number, total: number): void;
}

export interface ExportOptions extends ExportTarget {
  /** Of the run; `base` for what the strategies start from. */
  readonly strategy: string;
}

/**
 * Writes a strategy's final model as a Hugging Face folder: each tensor in the type that the run's start model has it in, that
 * model's other files unchanged, and a model card. The folder appears when it is whole.
 *
 * @throws StrataError if there is no such strategy, its model is not finished or damaged, or the folder holds something
 */
export async function exportModel(store: Store, plan: RunPlan, options: ExportOptions): Promise<void> {
  const { jobs, folder: source } = await strategyModel(store, plan, options.strategy);
  const start = openModelFolder(join(jobFolder(store, plan.initializeJob.id), "model"));
  await writeExport(openModelFolder(source), start, options, (aside) =>
    writeFileAtomic(join(aside, "README.md"), modelCard(modelCardFacts(store, plan, jobs, start))),
  );
}

/** Writes the model of a Hugging Face folder as another, with the same tensors and other files; throws as `exportModel` does. */
export async function exportModelFolder(source: string, options: ExportTarget): Promise<void> {
  const model = openModelFolder(source);
  await writeExport(model, model, options, () => {});
}

/**
 * @param start   tells the types of the tensors, and has the other files
 * @param finish  adds to the folder before it appears
 */
async function writeExport(
  model: ModelFolder,
  start: ModelFolder,
  { folder: named, shardBytes, onProgress }: ExportTarget,
  finish: (aside: string) => void,
): Promise<void> {
  // Without a slash at its end, behind which the partial folder would lie inside of it.
  const folder = resolve(named);
  if (existsSync(folder) && readdirSync(folder).length > 0) throw taken(folder);
  const entries = [...start.tensors].map(([name, { shape, dtype }]): TensorEntry => ({ name, shape, dtype }));
  const aside = partialPath(folder);
  removeAbandonedPartials(folder);
  try {
    let done = 0;
    await writeModelFolder(
      aside,
      start,
      entries,
      function* ({ name, dtype }) {
        yield* convertedChunks(tensorOf(model, name), dtype);
        onProgress?.(++done, entries.length);
      },
      shardBytes,
    );
    finish(aside);
    mkdirSync(dirname(folder), { recursive: true });
    renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function tensorOf({ folder, tensors }: ModelFolder, name: string): StoredTensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`${folder} was opened without ${name}`);
  return tensor;
}

function taken(folder: string): StrataError {
  return new StrataError("FileError", {
    where: folder,
    expected: "a new or empty folder",
    got: "one that holds files",
    hint: "Name another folder, or remove this one.",
  });
}
