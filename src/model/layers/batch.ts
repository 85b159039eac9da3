import { StrataError } from "../../errors/strata-error.js";
import type { ModelConfig } from "../config/model-config.js";

/** B packed sequences of T positions, N = B·T rows. */
export interface Batch {
  readonly B: number;
  readonly T: number;
  /** [N] */
  readonly ids: Int32Array;
  /** [N] the id to predict at each position; negative for none */
  readonly targets: Int32Array;
  /** [N] the first position that a position attends to: the start of its document */
  readonly firstVisible: Int32Array;
}

/** @throws StrataError if an id is outside the vocabulary, a position attends to nothing, or a length is not N */
export function checkBatch(config: ModelConfig, { B, T, ids, targets, firstVisible }: Batch): void {
  for (const [name, { length }] of Object.entries({ ids, targets, firstVisible })) {
    if (length !== B * T)
      throw wrong(`batch ${name}`, `${B}×${T} numbers`, `${length}`, "Give one number for each position.");
  }
  checkIds(config, ids, "batch ids");
  targets.forEach((id, n) => {
    if (id >= config.vocabSize) throw outside(config, `batch targets[${n}]`, id);
    if (firstVisible[n] >= 0 && firstVisible[n] <= n % T) return;
    throw wrong(
      `batch firstVisible[${n}]`,
      `a position from 0 to ${n % T}`,
      `${firstVisible[n]}`,
      "A position attends to itself and to earlier positions.",
    );
  });
}

/** @throws StrataError if there are no ids, or one is outside the vocabulary */
export function checkIds(config: ModelConfig, ids: Int32Array, where: string): void {
  if (ids.length === 0) throw wrong(where, "at least one id", "none", "Start with the BOS id.");
  const n = ids.findIndex((id) => id < 0 || id >= config.vocabSize);
  if (n >= 0) throw outside(config, `${where}[${n}]`, ids[n]);
}

function outside(config: ModelConfig, where: string, id: number): StrataError {
  const hint = "Use the tokenizer that belongs to the model.";
  return wrong(where, `an id below the vocabulary of ${config.vocabSize}`, `${id}`, hint);
}

function wrong(where: string, expected: string, got: string, hint: string): StrataError {
  return new StrataError("ModelError", { where, expected, got, hint });
}
