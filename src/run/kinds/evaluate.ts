import { join } from "node:path";
import type { Document } from "../../corpus/documents/documents.js";
import type { ComputeDType } from "../../device/kernels.js";
import { evaluate, type EvaluationTask } from "../../evaluate/evaluate.js";
import { keysOfType } from "../../evaluate/task/recipe-keys.js";
import type { TaskKind } from "../../evaluate/task/task-kind.js";
import { taskKinds, type TaskKindName } from "../../evaluate/task/task-kinds.js";
import { openModelFolder } from "../../model/files/model-folder.js";
import { loadModel } from "../../model/model.js";
import type { TaskScores } from "../../evaluate/output/scores.js";
import { writeFileAtomic, writeJsonAtomic } from "../../files/atomic-file.js";
import { openChatTemplate } from "../../tokenizer/chat/chat-template.js";
import { prefixOf, type BosChoice } from "../../tokenizer/bos.js";
import { openTokenizer, type Tokenizer } from "../../tokenizer/tokenizer.js";
import type { JobContext, JobResult } from "../../jobs/execute-job.js";
import type { DataParameters } from "./data.js";
import { taskItems, type TaskChoice } from "./task-items.js";

/** A task of the recipe, with the contents of its data sets instead of their names. */
export interface TaskParameters {
  readonly name: string;
  readonly kind: TaskKindName;
  readonly data: DataParameters;
  /** `validation`: the held-out documents only. */
  readonly split: "validation" | "all";
  /** How many of the first items are used; null for all. */
  readonly items: number | null;
  /** The values of the other recipe keys that the kind of task declares. */
  readonly [key: string]: DataParameters | string | number | null;
}

export interface EvaluateParameters {
  readonly tasks: readonly TaskParameters[];
  readonly sequenceLength: number;
  readonly dtype: ComputeDType;
  readonly bos: BosChoice;
}

export async function runEvaluate(context: JobContext): Promise<JobResult> {
  const { tasks, sequenceLength, dtype, bos } = context.job.parameters as EvaluateParameters;
  const started = performance.now();
  const folder = context.input("model");
  const tokenizer = openTokenizer(folder);
  const prefix = prefixOf(tokenizer, bos);
  const loaded: LoadedTask[] = [];
  for (const task of tasks) loaded.push(await loadTask(task, folder, tokenizer, context.note));
  const model = loadModel(context.device(dtype), openModelFolder(folder), null);
  const { scores, samples } = await evaluate({
    model,
    tokenizer,
    tasks: loaded.map(({ task }) => task),
    sequenceLength,
    prefix,
    journal: join(context.folder, "journal.jsonl"),
    signal: context.signal,
    onProgress: (done, total, task, unit) => context.progress({ done, total, unit, note: task }),
  }).finally(model.close);
  // Times and skipped records belong to the run (done.json), not to the scores.
  writeJsonAtomic(
    join(context.folder, "scores.json"),
    scores.map(({ task, kind, metrics }) => ({ task, kind, metrics, bos, prefix })),
  );
  writeFileAtomic(
    join(context.folder, "samples.jsonl"),
    samples.map((sample) => `${JSON.stringify(sample)}\n`).join(""),
  );
  const result = scores.map((score, i): TaskScores =>
    loaded[i].skipped > 0 ? { ...score, skipped: loaded[i].skipped } : score,
  );
  return { seconds: (performance.now() - started) / 1000, result };
}

interface LoadedTask {
  readonly task: EvaluationTask;
  /** Number of bad records that were skipped. */
  readonly skipped: number;
}

async function loadTask(
  parameters: TaskParameters,
  folder: string,
  tokenizer: Tokenizer,
  note: JobContext["note"],
): Promise<LoadedTask> {
  const { name, kind, data, split, items: limit } = parameters;
  const { recipeKeys, load }: TaskKind = taskKinds[kind];
  let skipped = 0;
  const read = async <Item>(from: DataParameters, choice: TaskChoice, itemOf: (document: Document) => Item) => {
    const found = await taskItems(from, choice, itemOf, note);
    skipped += found.skipped;
    return found.items;
  };
  const task = await load({
    name,
    values: Object.fromEntries(keysOfType(recipeKeys, "whole").map((key) => [key, parameters[key] as number])),
    lossOn: data.lossOn,
    tokenizer,
    openChat: "messages" in data.text ? () => openChatTemplate(folder) : null,
    items: (itemOf) => read(data, { name, split, limit }, itemOf),
    async itemsOf(key, itemOf) {
      const from = parameters[key] as DataParameters | null;
      return from === null ? [] : read(from, { name: `${name} ${key}`, split: "all", limit: null }, itemOf);
    },
  });
  return { task: task as EvaluationTask, skipped };
}
