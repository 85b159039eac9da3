import type { TaskConfig } from "../../src/evaluate/harness/config/task-config.js";
import { readTaskConfig } from "../../src/evaluate/harness/config/read-task-config.js";
import { parseTaskYaml } from "../../src/evaluate/harness/config/task-yaml.js";
import { hubFormOf } from "../../src/evaluate/harness/data/hub-columns/hub-forms.js";
import { toDocuments, type SplitDocuments } from "../../src/evaluate/harness/data/read-documents.js";
import { prepareTask } from "../../src/evaluate/harness/prompt/prepare-task.js";
import type { FileTask } from "../../src/evaluate/task/kinds/file-task.js";
import type { DataRecord } from "../../src/evaluate/task/record.js";

/** The task of a task file with these lines. */
export function taskOfText(text: string): TaskConfig {
  const keys = parseTaskYaml(text, "task.yaml");
  return readTaskConfig({ kind: "task", name: String(keys.get("task")), file: "task.yaml", keys });
}

/** A task file for records {context, choices, gold}, the last being the index of the right choice. */
export const choicesText = `
task: choices
dataset_path: json
output_type: multiple_choice
doc_to_text: context
doc_to_choice: choices
doc_to_target: gold
`;
export const choicesTask = taskOfText(choicesText);

/** Records as the documents of a task; the places are `line 1` and so on. */
export function documentsOf({ datasetPath, datasetName }: TaskConfig, records: readonly DataRecord[]): SplitDocuments {
  const places = records.map((_, i) => `line ${i + 1}`);
  return toDocuments({ records, places }, hubFormOf(datasetPath, datasetName), false);
}

/** A task over all of these records. @param pool  the records of its examples */
export async function fileTask(
  name: string,
  config: TaskConfig,
  records: readonly DataRecord[],
  { shots = 0, pool = [] }: { readonly shots?: number; readonly pool?: readonly DataRecord[] } = {},
): Promise<FileTask> {
  const documents = { scored: documentsOf(config, records), examples: async () => documentsOf(config, pool) };
  const settings = { shots, limit: null, systemInstruction: null, chat: null };
  return { name, kind: "task", prepared: await prepareTask({ ...config, task: name }, documents, settings) };
}
