import { readTaskConfig } from "./read-task-config.js";
import { entryOfFile, resolveTasks } from "./resolve-tasks.js";
import type { TaskConfig } from "./task-config.js";
import { taskFileError } from "./task-file-error.js";
import { findTaskFiles, type Entry, type TaskFiles } from "./task-files.js";

let builtIn: TaskFiles | null = null;

/** Whether a task is named by the path of its file. */
export function isTaskPath(named: string): boolean {
  return /\.ya?ml$/.test(named);
}

/**
 * The tasks of the package that a name stands for: one, or those of a group or tag; or the task of a file.
 *
 * @param named  a name, or the path of a task file
 * @throws StrataError for an unknown name, or a file that is wrong
 */
export function findTasks(named: string): Entry[] {
  if (isTaskPath(named)) return [taskOfFile(named)];
  const files = (builtIn ??= findTaskFiles([]));
  return resolveTasks([named], files).tasks.map(({ task }) => files.entries.get(task) as Entry);
}

function taskOfFile(path: string): Entry {
  const entry = entryOfFile(path);
  if (entry.kind === "task") return entry;
  throw taskFileError(path, "a task", "a group", "Name its tasks, each with the path of its file.");
}

/** As `findTasks`, for the name or path of one task. */
export function findTask(named: string): { readonly entry: Entry; readonly config: TaskConfig } {
  const [entry] = findTasks(named);
  return { entry, config: readTaskConfig(entry) };
}
