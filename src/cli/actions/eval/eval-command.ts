import { existsSync } from "node:fs";
import { StrataError } from "../../../errors/strata-error.js";
import { compareEvaluations } from "../../../evaluate/harness/compare/compare-evaluations.js";
import { resolveTasks, type ResolvedTasks } from "../../../evaluate/harness/config/resolve-tasks.js";
import type { TaskConfig } from "../../../evaluate/harness/config/task-config.js";
import { findTaskFiles } from "../../../evaluate/harness/config/task-files.js";
import { openTaskDocuments } from "../../../evaluate/harness/data/open-task-documents.js";
import { prepareTask, type PrepareSettings } from "../../../evaluate/harness/prompt/prepare-task.js";
import type { PreparedTask } from "../../../evaluate/harness/prompt/requests.js";
import { fetchModelFolder } from "../../../run/sources/hub-sources.js";
import { openChatTemplate } from "../../../tokenizer/chat/chat-template.js";
import { evaluationComparisonText } from "../../view/evaluation-comparison-text.js";
import { taskListText } from "../../view/task-list-text.js";
import { interruption } from "../../environment/interruption.js";
import { evaluateFolder } from "./eval-model.js";
import type { EvalCommandOptions } from "./eval-options.js";
import { sharedTokenizers } from "./shared-tokenizers.js";
import { withHub } from "../hub-access.js";

/** Scores models on tasks; all tasks are checked before a model is loaded. */
export async function evalCommand(options: EvalCommandOptions): Promise<void> {
  if (options.compare !== undefined) return compare(options.compare, options.json);
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
  const tokenizerOf = sharedTokenizers(options.model.length);
  const signal = interruption();
  let tasks: readonly PreparedTask[] | null = null;
  for (const named of options.model) {
    const folder = await withHub((hub) => fetchModelFolder(referenceOf(named), hub));
    // Only chat templates make prompts differ between models.
    if (tasks === null || options.apply_chat_template) tasks = await prepareAll(resolved, documents, folder, options);
    const tokenizer = tokenizerOf(folder);
    await evaluateFolder({ named, folder, tokenizer, tasks, groups: resolved.groups, signal }, options);
    if (signal.aborted) return;
  }
}

function compare(results: readonly string[], json: boolean): void {
  if (results.length !== 2)
    throw usage("--compare", "two results files or folders", `${results.length}`, "Name both: --compare A B.");
  const comparison = compareEvaluations(results[0], results[1]);
  process.stdout.write(json ? `${JSON.stringify(comparison)}\n` : evaluationComparisonText(comparison));
}

/** A model as upstream names it: a folder, else an id of the hub. */
function referenceOf(named: string): string {
  return !existsSync(named) && /^[\w-][\w.-]*\/[\w.-]+$/.test(named) ? `hf:${named}` : named;
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
