import type { HubAccess } from "../../../hub/settings.js";
import type { TaskConfig } from "../config/task-config.js";
import type { SplitDocuments } from "./read-documents.js";
import { openTaskData } from "./task-data.js";

/** The documents of a task, before its function for documents. */
export interface TaskDocuments {
  readonly scored: SplitDocuments;
  /** Read when examples are drawn. @throws StrataError if there are none */
  readonly examples: () => Promise<SplitDocuments>;
}

/** The split that is scored: the test split, else the validation split. */
export function scoredSplit({ splits }: Pick<TaskConfig, "splits">): string {
  return splits.test ?? splits.validation ?? "test";
}

/** The split that examples are drawn from. */
export function examplesSplit({ splits, fewshot }: Pick<TaskConfig, "splits" | "fewshot">): string {
  return fewshot.split ?? splits.training ?? splits.validation ?? scoredSplit({ splits });
}

/**
 * Reads the documents that are scored.
 *
 * @param path  a file or folder in place of the task's own data; null for none
 * @param hub   null forbids downloads
 * @throws StrataError naming file and line of a document that is wrong
 */
export async function openTaskDocuments(
  config: TaskConfig,
  path: string | null,
  hub: HubAccess | null,
): Promise<TaskDocuments> {
  const { task, datasetPath, datasetName, datasetOptions: datasetKwargs } = config;
  const data = openTaskData({ task, datasetPath, datasetName, datasetKwargs, path, hub });
  return {
    scored: await data.read(scoredSplit(config), "scored"),
    examples: () => data.read(examplesSplit(config), "examples"),
  };
}
