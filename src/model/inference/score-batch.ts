import { StrataError } from "../../errors/strata-error.js";
import { checkIds } from "../layers/batch.js";
import type { ModelConfig } from "../config/model-config.js";

/**
 * A text and several endings of it in neighbouring rows: first the trunk, then one ending after the other. An ending sees
 * the trunk and itself; it takes the positions behind the trunk.
 */
export interface PrefixGroup {
  /** Row of the trunk's first token. */
  readonly start: number;
  /** Tokens of the trunk, at least 1. */
  readonly prefix: number;
  /** Tokens of each ending, the longest first; may be 0. */
  readonly continuations: readonly number[];
}

/** N rows to score: trees without gaps between them, no token of padding. */
export interface ScoreBatch {
  /** [N] */
  readonly ids: Int32Array;
  /** [N] position of each row in its text */
  readonly positions: Int32Array;
  readonly groups: readonly PrefixGroup[];
  /** [M] rows that predict; a row may predict several times */
  readonly rows: Int32Array;
  /** [M] the id that is predicted there; negative to learn the likeliest only */
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
