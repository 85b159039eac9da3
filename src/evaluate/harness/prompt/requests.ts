import type { Dict, Value } from "../../../text/jinja/values/value.js";
import type { TaskConfig } from "../config/task-config.js";

/** What a model is asked. */
export type HarnessRequest =
  /** The log-likelihood of a continuation. */
  | { readonly kind: "continuation"; readonly context: string; readonly continuation: string }
  /** The log-likelihood of every token of a text. */
  | { readonly kind: "rolling"; readonly text: string }
  /** A text that continues the context. */
  | { readonly kind: "generation"; readonly context: string; readonly settings: Dict };

/** A document with its requests. */
export interface PreparedDocument {
  readonly id: number;
  /** Task, number, file and line, for errors. */
  readonly where: string;
  readonly doc: Dict;
  readonly target: Value;
  /** Null if the task has none. */
  readonly choices: readonly string[] | null;
  /** The index of the choice that is right, or several; null where choices are not what is scored. */
  readonly gold: readonly number[] | null;
  readonly requests: readonly HarnessRequest[];
}

export interface PreparedTask {
  readonly config: TaskConfig;
  readonly shots: number;
  /** Documents of the split that is scored. */
  readonly original: number;
  /** Those that are scored. */
  readonly documents: readonly PreparedDocument[];
}
