import { StrataError } from "../errors/strata-error.js";
import type { Tokenizer } from "./tokenizer.js";

/** Whether BOS precedes every text. `auto`: as the tokenizer's files say. */
export const bosChoices = ["auto", "always", "never"] as const;

export type BosChoice = (typeof bosChoices)[number];

/**
 * The ids in front of every text, in training, evaluation and generation alike.
 *
 * @throws StrataError for `always` if the tokenizer has no BOS token
 */
export function prefixOf({ prefix, bosId }: Pick<Tokenizer, "prefix" | "bosId">, bos: BosChoice): readonly number[] {
  if (bos === "never") return [];
  if (bos === "auto" || (bosId !== null && prefix[0] === bosId)) return prefix;
  if (bosId !== null) return [bosId];
  throw new StrataError("TokenizerError", {
    where: "bos: always",
    expected: "a tokenizer with a BOS token",
    got: "one without",
    hint: 'Set "bos_token" in tokenizer_config.json, or write `bos: auto`.',
  });
}
