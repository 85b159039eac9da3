import type { Document } from "../../corpus/documents/documents.js";
import type { PlacedRecord } from "../../corpus/records/read-record.js";
import { answerRoom } from "../../evaluate/metric/answer-room.js";
import type { TaskConfig } from "../../evaluate/harness/config/task-config.js";
import { generationSettings } from "../../evaluate/harness/score/generation-settings.js";
import { drawsExamples, prepareTask } from "../../evaluate/harness/prompt/prepare-task.js";
import { tokenizeTask } from "../../evaluate/harness/score/ask-model.js";
import { judgeOf } from "../../evaluate/harness/score/task-outcome.js";
import type { DataParameters } from "../kinds/data.js";
import { createDocumentFilter } from "../kinds/document-filter.js";
import {
  configOf,
  documentsOf,
  recordCheck,
  promptSettings,
  type EvaluationParameters,
  type LossParameters,
  type TaskParameters,
} from "../kinds/load-task.js";
import { needsText, noDocuments, type EvaluationChoice } from "../kinds/task-records.js";
import { checkChats } from "./check-chats.js";
import type { KnownTokenizer } from "./check-tokenizer.js";
import { readFirstItems, type FirstItems } from "./first-items.js";

/**
 * Reads the first documents of an evaluation, and of the data set with its examples.
 *
 * @param tokenizer  null if the run trains it
 * @returns notes on what the user should know
 * @throws StrataError naming file, record and field, or the task
 */
export async function checkTask(
  task: EvaluationParameters,
  tokenizer: KnownTokenizer | null,
  maxPositions: number,
): Promise<readonly string[]> {
  if (task.kind === "task") return checkFileTask(task, tokenizer, maxPositions);
  await checkLoss(task, tokenizer);
  return [];
}

async function checkLoss(task: LossParameters, tokenizer: KnownTokenizer | null): Promise<void> {
  const { name, data: sets, split, documents: limit } = task;
  for (const data of sets) {
    const first = await readFirstLossDocuments(data, { name, split, limit });
    if (first.items.length === 0 && first.isComplete) throw noDocuments(data, task, first.skipped);
    if ("messages" in data.text) checkChats(`evaluation task ${name}`, first.items, data.lossOn, tokenizer);
  }
}

async function checkFileTask(
  task: TaskParameters,
  tokenizer: KnownTokenizer | null,
  maxPositions: number,
): Promise<string[]> {
  const { name, data, split, limit, fewShot, fewShotData } = task;
  const config = configOf(task);
  const first = await firstRecords(config, data, { name, split, limit });
  if (first.items.length === 0) return [];
  const pool =
    fewShotData === null
      ? null
      : await firstRecords(config, fewShotData, { name: `${name} fewShotData`, split: "all", limit: null });
  const examples = documentsOf(config, fewShotData ?? data, pool?.items ?? []);
  const documents = { scored: documentsOf(config, data, first.items), examples: () => Promise.resolve(examples) };
  const prepared = await prepareTask(config, documents, promptSettings(checkedShots(config, fewShot, pool)));
  judgeOf(prepared);
  if (tokenizer !== null) tokenizeTask(prepared, { ...tokenizer, maxLength: maxPositions });
  return roomNotes(config, maxPositions);
}

/** As many examples as the first records allow, if there are more: which ones are drawn depends on all. */
function checkedShots(config: TaskConfig, shots: number, pool: FirstItems<PlacedRecord> | null): number {
  if (pool === null || pool.isComplete || !drawsExamples(config, shots)) return shots;
  return config.fewshot.indices === null ? Math.min(shots, Math.max(0, pool.items.length - 1)) : 0;
}

function roomNotes({ task, generation }: TaskConfig, maxPositions: number): string[] {
  if (generation === null) return [];
  const { maxTokens } = generationSettings(generation, null, task);
  const room = answerRoom(maxTokens, maxPositions);
  if (room === maxTokens) return [];
  return [
    `Answers of task ${task} have at most ${room} tokens, not ${maxTokens}: the model has ${maxPositions} positions`,
  ];
}

async function firstRecords(
  config: TaskConfig,
  data: DataParameters,
  choice: EvaluationChoice,
): Promise<FirstItems<PlacedRecord>> {
  const first = await readFirstRecords(config, data, choice);
  if (first.items.length === 0 && first.isComplete) throw noDocuments(data, choice, first.skipped);
  return first;
}

/** The first records of a task, from one of its data sets. */
export function readFirstRecords(
  config: TaskConfig,
  data: DataParameters,
  { split, limit }: EvaluationChoice,
): Promise<FirstItems<PlacedRecord>> {
  const check = recordCheck(config, data);
  return readFirstItems(data, {
    fields: null,
    isChosen: createDocumentFilter(data, split),
    itemOf({ record, where }) {
      check({ record, where });
      return { record, where };
    },
    isEnough: limit === null ? null : (items) => items.length >= limit,
    ...(needsText(data, split) ? {} : { render: withoutText }),
  });
}

function withoutText(_: unknown, { record, where }: PlacedRecord): Omit<Document, "next"> {
  return { record, where, text: "", parts: [], messages: null };
}

/** The first documents of a loss. */
export function readFirstLossDocuments(
  data: DataParameters,
  { split, limit }: EvaluationChoice,
): Promise<FirstItems<Document>> {
  return readFirstItems(data, {
    fields: null,
    isChosen: createDocumentFilter(data, split),
    itemOf: (document) => document,
    isEnough: limit === null ? null : (items) => items.length >= limit,
  });
}
