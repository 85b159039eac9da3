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

/**
 * Reads the documents that are scored: those of the test split, else of the validation split.
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
  const { task, datasetPath, datasetName, datasetOptions: datasetKwargs, splits, fewshot } = config;
  const data = openTaskData({ task, datasetPath, datasetName, datasetKwargs, path, hub });
  const scored = splits.test ?? splits.validation ?? "test";
  return {
    scored: await data.read(scored, "scored"),
    examples: () => data.read(fewshot.split ?? splits.training ?? splits.validation ?? scored, "examples"),
  };
}
