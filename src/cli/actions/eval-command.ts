import type { ComputeDType } from "../../device/kernels.js";
import type { DeviceName } from "../../device/devices.js";
import { StrataError } from "../../errors/strata-error.js";
import { resolveTasks, type ResolvedTasks } from "../../evaluate/harness/config/resolve-tasks.js";
import type { TaskConfig } from "../../evaluate/harness/config/task-config.js";
import { findTaskFiles } from "../../evaluate/harness/config/task-files.js";
import { openTaskDocuments } from "../../evaluate/harness/data/open-task-documents.js";
import { prepareTask, type PrepareSettings } from "../../evaluate/harness/prompt/prepare-task.js";
import type { PreparedTask } from "../../evaluate/harness/prompt/requests.js";
import { fetchModelFolder } from "../../run/sources/hub-sources.js";
import type { BosChoice } from "../../tokenizer/bos.js";
import { openChatTemplate } from "../../tokenizer/chat/chat-template.js";
import { taskListText } from "../view/task-list-text.js";
import { evaluateFolder } from "./eval-model.js";
import { withHub } from "./hub-access.js";

export interface EvalCommandOptions {
  readonly model: readonly string[];
  readonly tasks?: string;
  readonly num_fewshot?: number;
  readonly limit?: number;
  readonly output_path?: string;
  readonly log_samples: boolean;
  readonly data: readonly string[];
  readonly include_path: readonly string[];
  readonly apply_chat_template: boolean;
  readonly fewshot_as_multiturn: boolean;
  readonly system_instruction?: string;
  readonly threads?: number;
  readonly device: DeviceName;
  readonly dtype: ComputeDType;
  readonly bos: BosChoice;
  readonly json: boolean;
}

/** Scores models on tasks; all tasks are checked before a model is loaded. */
export async function evalCommand(options: EvalCommandOptions): Promise<void> {
  const files = findTaskFiles(options.include_path);
  if (options.tasks === "list") {
    process.stdout.write(taskListText(files));
    return;
  }
  const names = (options.tasks ?? "").split(",").filter((name) => name !== "");
  if (names.length === 0) throw usage("--tasks", "names of tasks", "none", "`strata eval --tasks list` lists them.");
  if (options.model.length === 0) throw usage("--model", "a model folder", "none", "Give one with --model.");
  if (options.log_samples && options.output_path === undefined)
    throw usage("--log_samples", "a folder for the samples", "none", "Give one with --output_path.");
  if (options.limit === 0) throw usage("--limit", "a number above 0", "0", "Leave it out to score all documents.");
  const resolved = resolveTasks(names, files);
  const documents = await openDocuments(resolved, options);
  for (const named of options.model) {
    const folder = await withHub((hub) => fetchModelFolder(named, hub));
    const tasks = await prepareAll(resolved, documents, folder, options);
    await evaluateFolder({ named, folder, tasks, groups: resolved.groups }, options);
    if (process.exitCode !== undefined) return;
  }
}

type Documents = ReadonlyMap<TaskConfig, Awaited<ReturnType<typeof openTaskDocuments>>>;

async function openDocuments({ tasks }: ResolvedTasks, options: EvalCommandOptions): Promise<Documents> {
  const paths = dataPaths(options.data, tasks);
  return withHub(async (hub) => {
    const documents = new Map<TaskConfig, Awaited<ReturnType<typeof openTaskDocuments>>>();
    for (const task of tasks) documents.set(task, await openTaskDocuments(task, paths.get(task.task) ?? null, hub));
    return documents;
  });
}

/** `TASK=PATH` of each task. @throws StrataError for a task that is not asked for */
function dataPaths(given: readonly string[], tasks: readonly TaskConfig[]): ReadonlyMap<string, string> {
  return new Map(
    given.map((text) => {
      const at = text.indexOf("=");
      const [task, path] = [text.slice(0, at), text.slice(at + 1)];
      if (at > 0 && path !== "" && tasks.some((one) => one.task === task)) return [task, path] as const;
      const names = tasks.map((one) => one.task).join(", ");
      throw usage(`--data ${text}`, `TASK=PATH with one of the tasks ${names}`, text, "Correct the name of the task.");
    }),
  );
}

async function prepareAll(
  { tasks }: ResolvedTasks,
  documents: Documents,
  folder: string,
  options: EvalCommandOptions,
): Promise<PreparedTask[]> {
  const settings: PrepareSettings = {
    shots: options.num_fewshot ?? null,
    limit: options.limit ?? null,
    systemInstruction: options.system_instruction ?? null,
    chat: options.apply_chat_template
      ? { render: openChatTemplate(folder), multiturn: options.fewshot_as_multiturn }
      : null,
  };
  const prepared: PreparedTask[] = [];
  for (const task of tasks) prepared.push(await prepareTask(task, documents.get(task)!, settings));
  return prepared;
}

function usage(where: string, expected: string, got: string, hint: string): StrataError {
  return new StrataError("EvaluationError", { where, expected, got, hint });
}
