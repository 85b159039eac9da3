import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { openModelFolder, type ModelFolder } from "../model/model-folder.js";
import { writeModelFolder } from "../model/write-model-folder.js";
import { modelCard } from "../report/model-card.js";
import { writeFileAtomic } from "../files/atomic-file.js";
import { convertedPieces } from "../tensor/converted-pieces.js";
import { StrataError } from "../errors/strata-error.js";
import { partialPath, removeAbandonedPartials } from "../files/partial-files.js";
import type { StoredTensor, TensorEntry } from "../tensor/safetensors.js";
import type { StrategyJobs } from "./graph/strategy-jobs.js";
import type { Job } from "../jobs/job.js";
import { jobFolder, verifyOutputs, type Store } from "../jobs/job-folder.js";
import { modelCardFacts } from "./facts/model-card-facts.js";
import { doneOf } from "./facts/report-facts.js";
import type { RunPlan } from "./graph/run-graph.js";

export interface ExportOptions {
  /** Of the run; `base` for what the strategies start from. */
  readonly strategy: string;
  /** A new folder, or an empty one. */
  readonly folder: string;
  /** Larger weights are written as several files. */
  readonly shardBytes: number;
  onProgress?(done: number, total: number): void;
}

/**
 * Writes a strategy's final model as a Hugging Face folder: each tensor in the type that the run's start model has it in, that
 * model's other files unchanged, and a model card. The folder appears when it is whole.
 *
 * @throws StrataError if there is no such strategy, its model is not finished or damaged, or the folder holds something
 */
export async function exportModel(store: Store, plan: RunPlan, options: ExportOptions): Promise<void> {
  const { strategy, shardBytes, onProgress } = options;
  // Without a slash at its end, behind which the partial folder would lie inside of it.
  const folder = resolve(options.folder);
  const jobs = strategyNamed(plan, strategy);
  const job = finalJob(plan, jobs);
  doneOf(store, job);
  await verifyOutputs(store, job.id, "model");
  if (existsSync(folder) && readdirSync(folder).length > 0) throw taken(folder);
  const [model, start] = [job, plan.startJob].map(({ id }) => openModelFolder(join(jobFolder(store, id), "model")));
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
        yield* convertedPieces(tensorOf(model, name), dtype);
        onProgress?.(++done, entries.length);
      },
      shardBytes,
    );
    writeFileAtomic(join(aside, "README.md"), modelCard(modelCardFacts(store, plan, jobs, start)));
    mkdirSync(dirname(folder), { recursive: true });
    renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Null for the base. */
function strategyNamed(plan: RunPlan, name: string): StrategyJobs | null {
  const found = plan.strategies.find(({ strategy }) => strategy.name === name);
  if (found || name === "base") return found ?? null;
  throw new StrataError("RunError", {
    where: `strategy of ${plan.recipe.name}`,
    expected: ["base", ...plan.strategies.map(({ strategy }) => strategy.name)].join(", "),
    got: JSON.stringify(name),
    hint: "Name a strategy of the recipe.",
  });
}

/** The job whose `model` is a strategy's last: a merge, or the only part of the last round. */
function finalJob({ pretrainJob, startJob }: RunPlan, jobs: StrategyJobs | null): Job {
  if (jobs === null) return pretrainJob ?? startJob;
  const last = jobs.parts[jobs.parts.length - 1];
  return last.length === 1 ? last[0] : jobs.merges[jobs.merges.length - 1];
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
