import type { Document } from "../../corpus/documents/documents.js";
import { fewShotPoolTooSmall } from "../../evaluate/task/few-shot.js";
import { keysOfType } from "../../evaluate/task/recipe-keys.js";
import type { TaskKind } from "../../evaluate/task/task-kind.js";
import { taskKinds } from "../../evaluate/task/task-kinds.js";
import type { DataParameters } from "../kinds/data.js";
import { createDocumentFilter } from "../kinds/document-filter.js";
import type { TaskParameters } from "../kinds/evaluate.js";
import { noItems } from "../kinds/task-items.js";
import { checkChats } from "./check-chats.js";
import type { KnownTokenizer } from "./check-tokenizer.js";
import { readFirstItems, type FirstItems } from "./first-items.js";

/**
 * Reads the first items of a task and of the data sets that its keys name.
 *
 * @param tokenizer  null if the run trains it
 * @returns notes on what the user should know
 * @throws StrataError naming file, record and field, or the task
 */
export async function checkTask(
  task: TaskParameters,
  tokenizer: KnownTokenizer | null,
  maxPositions: number,
): Promise<readonly string[]> {
  const { name, data, split, items: limit } = task;
  const kind: TaskKind = taskKinds[task.kind];
  const values = Object.fromEntries(keysOfType(kind.recipeKeys, "whole").map((key) => [key, task[key] as number]));
  const first = await firstItems(data, name, split, limit, kind.itemOf.data);
  if (kind.rendersChat && "messages" in data.text) {
    checkChats(`evaluation task ${name}`, first.items as readonly Document[], data.lossOn, tokenizer);
  }
  const notes = kind.checkFirst?.({
    name,
    values,
    items: first.items,
    places: first.places,
    tokenizer: tokenizer?.tokenizer ?? null,
    prefix: tokenizer?.prefix ?? [],
    maxPositions,
  });
  for (const key of keysOfType(kind.recipeKeys, "dataset")) {
    const from = task[key] as DataParameters | null;
    if (from === null) continue;
    const { items, isComplete } = await firstItems(from, `${name} ${key}`, "all", null, kind.itemOf[key]);
    const recipeKey = kind.recipeKeys[key];
    const needed = recipeKey.type === "dataset" ? values[recipeKey.requiredBy] : 0;
    if (isComplete && items.length < needed) throw fewShotPoolTooSmall(`${name} ${key}`, needed, items.length);
  }
  return notes ?? [];
}

async function firstItems(
  data: DataParameters,
  name: string,
  split: "validation" | "all",
  limit: number | null,
  itemOf: (document: Document) => unknown,
): Promise<FirstItems<unknown>> {
  const first = await readFirstTaskItems(data, split, limit, itemOf);
  if (first.items.length === 0 && first.isComplete) throw noItems(data, { name, split }, first.skipped);
  return first;
}

/**
 * The first items of a task, from one of its data sets.
 *
 * @param limit  how many items the task uses; null for all
 */
export function readFirstTaskItems(
  data: DataParameters,
  split: "validation" | "all",
  limit: number | null,
  itemOf: (document: Document) => unknown,
): Promise<FirstItems<unknown>> {
  return readFirstItems(data, {
    fields: null,
    isChosen: createDocumentFilter(data, split),
    itemOf,
    isEnough: limit === null ? null : (items) => items.length >= limit,
  });
}
