import { join } from "node:path";
import type { Document } from "../../corpus/documents.js";
import type { ProductType } from "../../device/kernels.js";
import { encodeChatForLoss, encodePartsForLoss } from "../../evaluate/encode-loss.js";
import { evaluate, type EvaluationTask } from "../../evaluate/evaluate.js";
import type { EncodedText } from "../../evaluate/task.js";
import { exactMatchItem, multipleChoiceItem } from "../../evaluate/items.js";
import { fewShotPrefixes } from "../../evaluate/few-shot.js";
import { openModelFolder } from "../../model/model-folder.js";
import { loadModel } from "../../model/model.js";
import { writeFileAtomic, writeJsonAtomic } from "../../tensor/atomic-file.js";
import { openChatTemplate } from "../../tokenizer/chat-template.js";
import { openTokenizer, type Tokenizer } from "../../tokenizer/tokenizer.js";
import type { JobContext, JobResult } from "../execute-job.js";
import { taskDocuments, type DataParameters } from "./data.js";

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
  const loaded: EvaluationTask[] = [];
  for (const task of tasks) loaded.push(await loadTask(task, folder, tokenizer, context.note));
  const { scores, samples } = await evaluate({
    model: loadModel(context.device(dtype), openModelFolder(folder), null),
    tokenizer,
    tasks: loaded,
    sequenceLength,
    addBos: tokenizer.bosId !== null,
    journal: join(context.folder, "journal.jsonl"),
    signal: context.signal,
    onProgress: (done, total, task) => context.progress({ done, total, unit: "items", note: task }),
  });
  // The time that a task took is a fact of the run (done.json), not of the scores.
  writeJsonAtomic(join(context.folder, "scores.json"), scores.map(({ task, kind, metrics }) => ({ task, kind, metrics })));
  writeFileAtomic(join(context.folder, "samples.jsonl"), samples.map((sample) => `${JSON.stringify(sample)}\n`).join(""));
  return { seconds: (performance.now() - started) / 1000, result: scores };
}

async function loadTask(
  task: TaskParameters, folder: string, tokenizer: Tokenizer, note: JobContext["note"],
): Promise<EvaluationTask> {
  const { name, kind } = task;
  const documents = await taskDocuments(name, task.data, task.split, task.items, note);
  if (kind === "loss") return { name, kind, documents: encodeForLoss(documents, task.data, folder, tokenizer) };
  if (kind === "multiple-choice") {
    return { name, kind, items: documents.map(({ record, where }) => multipleChoiceItem(record, where)) };
  }
  const shots = task.fewShotData ? await taskDocuments(name, task.fewShotData, "all", null, note) : [];
  const prefixes = fewShotPrefixes(shots.map(({ record }) => record), task.fewShot, documents.length);
  return {
    name,
    kind,
    maximumTokens: task.maximumTokens,
    items: documents.map(({ record, where }, i) => exactMatchItem(record, prefixes[i], where)),
  };
}

function encodeForLoss(documents: readonly Document[], { text, lossOn }: DataParameters, folder: string, tokenizer: Tokenizer): EncodedText[] {
  if (!("messages" in text)) return documents.map(({ parts }) => encodePartsForLoss(tokenizer, parts, lossOn));
  const render = openChatTemplate(folder);
  return documents.map(({ messages }) => encodeChatForLoss(tokenizer, render, messages ?? [], lossOn));
}
