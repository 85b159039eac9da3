import type { TaskKindName } from "../output/scores.js";
import { fileTaskKind } from "./kinds/file-task.js";
import { lossKind } from "./kinds/loss.js";
import type { TaskKind } from "./task-kind.js";

/** Every kind of task by its name in scores. */
export const taskKinds = { loss: lossKind, task: fileTaskKind } as const satisfies Record<TaskKindName, unknown>;

export function taskKind(name: TaskKindName): TaskKind {
  return taskKinds[name] as TaskKind;
}
