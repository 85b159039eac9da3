import { join } from "node:path";
import type { Document } from "../../corpus/documents/documents.js";
import type { ProductType } from "../../device/kernels.js";
import { encodeChatForLoss, encodePartsForLoss } from "../../evaluate/request/encode-loss.js";
import { evaluate, type EvaluationTask } from "../../evaluate/evaluate.js";
import type { EncodedText } from "../../evaluate/task/task.js";
import { exactMatchItem, multipleChoiceItem, type ExactMatchItem } from "../../evaluate/task/items.js";
import { fewShotPrefixes, fewShotPrompt } from "../../evaluate/task/few-shot.js";
import { openModelFolder } from "../../model/model-folder.js";
import { loadModel } from "../../model/model.js";
import type { TaskScores } from "../../evaluate/output/scores.js";
import { writeFileAtomic, writeJsonAtomic } from "../../files/atomic-file.js";
import { openChatTemplate } from "../../tokenizer/chat/chat-template.js";
import { openTokenizer, type Tokenizer } from "../../tokenizer/tokenizer.js";
import type { JobContext, JobResult } from "../../jobs/execute-job.js";
import type { DataParameters } from "./data.js";
import { taskItems, type TaskItems } from "./task-items.js";

/** A task of the recipe with its data written out. */
export interface TaskParameters {
  readonly name: string;
  readonly kind: "loss" | "multiple-choice" | "exact-match";
  readonly data: DataParameters;
  /** `validation`: the held-out documents only. */
  readonly split: "validation" | "all";
  /** The first so many; null for all. */
  readonly items: number | null;
  readonly fewShot: number;
  readonly fewShotData: DataParameters | null;
  readonly maximumTokens: number;
}

export interface EvaluateParameters {
  readonly tasks: readonly TaskParameters[];
  readonly sequenceLength: number;
  readonly dtype: ProductType;
}

export async function runEvaluate(context: JobContext): Promise<JobResult> {
  const { tasks, sequenceLength, dtype } = context.job.parameters as EvaluateParameters;
  const started = performance.now();
  const folder = context.input("model");
  const tokenizer = openTokenizer(folder);
  const loaded: LoadedTask[] = [];
  for (const task of tasks) loaded.push(await loadTask(task, folder, tokenizer, context.note));
  const { scores, samples } = await evaluate({
    model: loadModel(context.device(dtype), openModelFolder(folder), null),
    tokenizer,
    tasks: loaded.map(({ task }) => task),
    sequenceLength,
    addBos: tokenizer.bosId !== null,
    journal: join(context.folder, "journal.jsonl"),
    signal: context.signal,
    onProgress: (done, total, task) => context.progress({ done, total, unit: "items", note: task }),
  });
  // The time that a task took and what was skipped are facts of the run (done.json), not of the scores.
  writeJsonAtomic(
    join(context.folder, "scores.json"),
    scores.map(({ task, kind, metrics }) => ({ task, kind, metrics })),
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
  /** Bad records that were left out of it. */
  readonly skipped: number;
}

async function loadTask(
  parameters: TaskParameters,
  folder: string,
  tokenizer: Tokenizer,
  note: JobContext["note"],
): Promise<LoadedTask> {
  const { name, kind, data, split, items: limit, maximumTokens } = parameters;
  const itemsOf = <Item>(itemOf: (document: Document) => Item) => taskItems(data, { name, split, limit }, itemOf, note);
  if (kind === "loss") {
    const { items, skipped } = await itemsOf((document) => document);
    return { task: { name, kind, documents: encodeForLoss(items, data, folder, tokenizer) }, skipped };
  }
  if (kind === "multiple-choice") {
    const { items, skipped } = await itemsOf(({ record, where }) => multipleChoiceItem(record, where));
    return { task: { name, kind, items }, skipped };
  }
  const asked = await itemsOf(exactMatchOf);
  const shots = await loadShots(parameters, note);
  const prefixes = fewShotPrefixes(shots.items, parameters.fewShot, asked.items.length);
  const items = asked.items.map(({ prompt, answer }, i) => ({ prompt: fewShotPrompt(prefixes[i], prompt), answer }));
  return { task: { name, kind, maximumTokens, items }, skipped: asked.skipped + shots.skipped };
}

const exactMatchOf = ({ record, where }: Document) => exactMatchItem(record, where);

async function loadShots(
  { name, fewShotData }: TaskParameters,
  note: JobContext["note"],
): Promise<TaskItems<ExactMatchItem>> {
  if (fewShotData === null) return { items: [], skipped: 0 };
  return taskItems(fewShotData, { name: `${name} few-shot`, split: "all", limit: null }, exactMatchOf, note);
}

function encodeForLoss(
  documents: readonly Document[],
  { text, lossOn }: DataParameters,
  folder: string,
  tokenizer: Tokenizer,
): EncodedText[] {
  if (!("messages" in text)) return documents.map(({ parts }) => encodePartsForLoss(tokenizer, parts, lossOn));
  const render = openChatTemplate(folder);
  return documents.map(({ messages }) => encodeChatForLoss(tokenizer, render, messages ?? [], lossOn));
}
