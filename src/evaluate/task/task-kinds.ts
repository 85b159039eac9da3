import { exactMatchKind } from "./kinds/exact-match.js";
import { lossKind } from "./kinds/loss.js";
import { multipleChoiceKind } from "./kinds/multiple-choice.js";
import type { TaskKindTable } from "./task-kind.js";

/** Every kind of task by name. Types, recipe keys, scoring and the columns of reports follow from this table. */
export const taskKinds = {
  [lossKind.name]: lossKind,
  [multipleChoiceKind.name]: multipleChoiceKind,
  [exactMatchKind.name]: exactMatchKind,
} as const satisfies TaskKindTable;

export type TaskKinds = typeof taskKinds;
export type TaskKindName = keyof TaskKinds;
