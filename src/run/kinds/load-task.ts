import type { Document } from "../../corpus/documents/documents.js";
import type { PlacedRecord } from "../../corpus/records/read-record.js";
import type { EvaluationTask } from "../../evaluate/evaluate.js";
import { withGenerationLimit } from "../../evaluate/harness/config/generation-limit.js";
import { readTaskConfig } from "../../evaluate/harness/config/read-task-config.js";
import type { TaskConfig } from "../../evaluate/harness/config/task-config.js";
import { readTaskFileJson, type TaskFileJson } from "../../evaluate/harness/config/task-file-json.js";
import { typeCsvColumns } from "../../evaluate/harness/data/csv-columns.js";
import { hubFormOf } from "../../evaluate/harness/data/hub-columns/hub-forms.js";
import {
  hasTypes,
  inForm,
  isTable,
  toDocuments,
  type SplitDocuments,
} from "../../evaluate/harness/data/read-documents.js";
import { prepareTask } from "../../evaluate/harness/prompt/prepare-task.js";
import { encodeChatForLoss, encodePartsForLoss } from "../../evaluate/request/encode-loss.js";
import type { LossDocument } from "../../evaluate/task/encoded-text.js";
import { openChatTemplate } from "../../tokenizer/chat/chat-template.js";
import type { Tokenizer } from "../../tokenizer/tokenizer.js";
import type { DataParameters } from "./data.js";
import { chosenDocuments, chosenRecords, type EvaluationChoice } from "./task-records.js";

/** A loss of the recipe, with the contents of its data sets instead of their names. */
export interface LossParameters {
  readonly kind: "loss";
  readonly name: string;
  readonly data: readonly DataParameters[];
  /** `validation`: the held-out documents only. */
  readonly split: "validation" | "all";
  /** How many of the first ones of each data set are used; null for all. */
  readonly documents: number | null;
}

/** A task of the recipe, with the contents of its file and of its data sets. */
export interface TaskParameters {
  readonly kind: "task";
  readonly name: string;
  readonly taskFile: TaskFileJson;
  readonly data: DataParameters;
  readonly split: "validation" | "all";
  readonly limit: number | null;
  readonly fewShot: number;
  /** Null if no examples are drawn from documents. */
  readonly fewShotData: DataParameters | null;
  /** Of an answer; null for that of the task file. */
  readonly maxTokens: number | null;
}

export type EvaluationParameters = LossParameters | TaskParameters;

export interface LoadedTask {
  readonly task: EvaluationTask;
  /** Number of bad records that were skipped. */
  readonly skipped: number;
}

/**
 * @param folder  of the model, for its chat template
 * @param note    receives what the user should know, such as bad records
 * @throws StrataError naming a record, or the task
 */
export function loadTask(
  parameters: EvaluationParameters,
  folder: string,
  tokenizer: Tokenizer,
  note: (line: string) => void,
): Promise<LoadedTask> {
  return parameters.kind === "loss" ? loadLoss(parameters, folder, tokenizer, note) : loadFileTask(parameters, note);
}

async function loadLoss(
  { name, data, split, documents: limit }: LossParameters,
  folder: string,
  tokenizer: Tokenizer,
  note: (line: string) => void,
): Promise<LoadedTask> {
  const documents: LossDocument[] = [];
  let skipped = 0;
  for (const set of data) {
    const found = await chosenDocuments(set, { name, split, limit }, note);
    skipped += found.skipped;
    for (const document of encodeAll(found.items, set, folder, tokenizer)) documents.push(document);
  }
  return { task: { name, kind: "loss", documents }, skipped };
}

function encodeAll(
  documents: readonly Document[],
  { text, lossOn }: DataParameters,
  folder: string,
  tokenizer: Tokenizer,
): LossDocument[] {
  if (!("messages" in text)) return documents.map(({ parts }) => encodePartsForLoss(tokenizer, parts, lossOn));
  const render = openChatTemplate(folder);
  return documents.map(({ messages }) => encodeChatForLoss(tokenizer, render, messages ?? [], lossOn));
}

async function loadFileTask(parameters: TaskParameters, note: (line: string) => void): Promise<LoadedTask> {
  const { name, data, split, limit, fewShot, fewShotData } = parameters;
  const config = configOf(parameters);
  let skipped = 0;
  const read = async (from: DataParameters, choice: EvaluationChoice) => {
    const found = await chosenRecords(from, choice, recordCheck(config, from), note);
    skipped += found.skipped;
    return documentsOf(config, from, found.items);
  };
  const scored = await read(data, { name, split, limit });
  const pool =
    fewShotData === null
      ? noDocuments
      : await read(fewShotData, { name: `${name} fewShotData`, split: "all", limit: null });
  const documents = { scored, examples: () => Promise.resolve(pool) };
  const prepared = await prepareTask(config, documents, promptSettings(fewShot));
  return { task: { name, kind: "task", prepared }, skipped };
}

const noDocuments: SplitDocuments = { documents: [], places: [] };

/** Prompts as plain texts, of all documents that were read. */
export function promptSettings(shots: number) {
  return { shots, limit: null, systemInstruction: null, chat: null };
}

/** The task file with the recipe's name and length of answers. */
export function configOf({ name, taskFile, maxTokens }: TaskParameters): TaskConfig {
  const config = { ...readTaskConfig(readTaskFileJson(taskFile)), task: name };
  return maxTokens === null ? config : withGenerationLimit(config, maxTokens);
}

/** Whether a record is a document of the task. The columns of tables have types only when all rows are read. */
export function recordCheck(config: TaskConfig, data: DataParameters): (record: PlacedRecord) => void {
  const form = hubFormOf(config.datasetPath, config.datasetName);
  return fromTables(data) ? () => {} : ({ record, where }) => void inForm(record, where, form);
}

/** The documents of records, in the columns of the hub. */
export function documentsOf(config: TaskConfig, data: DataParameters, found: readonly PlacedRecord[]): SplitDocuments {
  const form = hubFormOf(config.datasetPath, config.datasetName);
  const rows = found.map(({ record }) => record);
  const places = found.map(({ where }) => where);
  const typed = "files" in data.source && data.source.files.every(({ path }) => hasTypes(path));
  return toDocuments({ records: fromTables(data) ? typeCsvColumns(rows) : rows, places }, form, typed);
}

function fromTables({ source }: DataParameters): boolean {
  return "files" in source && source.files.every(({ path }) => isTable(path));
}
