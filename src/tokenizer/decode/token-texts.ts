import { StrataError } from "../../errors/strata-error.js";
import type { AddedToken } from "../encode/added-tokens.js";

/** The text of each token, as in the tokenizer's file. */
export interface TokenTexts {
  /** The highest id + 1. */
  readonly size: number;
  /** Empty for an id without a token. @throws StrataError for an id outside the vocabulary */
  of(id: number): string;
}

export function createTokenTexts(vocabulary: ReadonlyMap<string, number>, added: readonly AddedToken[]): TokenTexts {
  const byId: string[] = [];
  for (const [token, id] of vocabulary) byId[id] = token;
  for (const { id, content } of added) byId[id] = content;
  const size = byId.length;
  return {
    size,
    of(id) {
      if (Number.isInteger(id) && id >= 0 && id < size) return byId[id] ?? "";
      throw new StrataError("TokenizerError", {
        where: "decode",
        expected: `ids from 0 to ${size - 1}`,
        got: String(id),
        hint: "The ids come from another tokenizer: use the tokenizer in the model's folder.",
      });
    },
  };
}
