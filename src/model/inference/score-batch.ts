import { StrataError } from "../../errors/strata-error.js";
import { checkIds } from "../layers/batch.js";
import type { ModelConfig } from "../config/model-config.js";

/**
 * A prefix and several continuations in adjacent rows: first the prefix, then one continuation after the other. A
 * continuation attends to the prefix and to itself; its positions follow those of the prefix.
 */
export interface PrefixGroup {
  /** Row of the prefix's first token. */
  readonly start: number;
  /** Tokens of the prefix, at least 1. */
  readonly prefix: number;
  /** Tokens of each continuation, the longest first; may be 0. */
  readonly continuations: readonly number[];
}

/** N rows to score: groups without gaps or padding. */
export interface ScoreBatch {
  /** [N] */
  readonly ids: Int32Array;
  /** [N] position of each row in its text */
  readonly positions: Int32Array;
  readonly groups: readonly PrefixGroup[];
  /** [M] predicted rows; a row may occur several times */
  readonly rows: Int32Array;
  /** [M] the id to score at that row; negative to get only the likeliest id */
  readonly targets: Int32Array;
}

/** @throws StrataError for an id or a target outside the vocabulary */
export function checkScoreBatch(config: ModelConfig, { ids, targets }: ScoreBatch): void {
  checkIds(config, ids, "batch ids");
  const wrong = targets.findIndex((id) => id >= config.vocabSize);
  if (wrong < 0) return;
  throw new StrataError("ModelError", {
    where: `batch targets[${wrong}]`,
    expected: `an id below the vocabulary of ${config.vocabSize}`,
    got: `${targets[wrong]}`,
    hint: "Use the tokenizer that belongs to the model.",
  });
}
