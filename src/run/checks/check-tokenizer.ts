import { dirname } from "node:path";
import { eosToken } from "../../corpus/tokens/encode-documents.js";
import { StrataError } from "../../errors/strata-error.js";
import { isFolder } from "../../files/is-folder.js";
import { plural } from "../../text/plural.js";
import { prefixOf, type BosChoice } from "../../tokenizer/bos.js";
import { openTokenizer, type Tokenizer } from "../../tokenizer/tokenizer.js";

/** The tokenizer of a run before its jobs; null if the run trains it. */
export interface KnownTokenizer {
  readonly tokenizer: Tokenizer;
  /** The ids in front of every text. */
  readonly prefix: readonly number[];
  readonly folder: string;
}

/**
 * Opens a tokenizer that the run uses as it is.
 *
 * @param path  its file or folder
 * @param rows  the number of embedding rows of the model; null if the model takes it from the tokenizer
 * @throws StrataError if it is not supported, has no EOS, or no BOS that `bos` requires, or a token without a row
 */
export function checkTokenizer(path: string, rows: number | null, bos: BosChoice): KnownTokenizer {
  const tokenizer = openTokenizer(path);
  eosToken(tokenizer, path);
  if (rows !== null) checkRows(path, tokenizer, rows);
  return { tokenizer, prefix: prefixOf(tokenizer, bos), folder: isFolder(path) ? path : dirname(path) };
}

/** A tokenizer may have fewer tokens than the model has rows: many models have rows to spare. */
function checkRows(where: string, tokenizer: Tokenizer, rows: number): void {
  const texts = Array.from({ length: Math.max(0, tokenizer.vocabSize - rows) }, (_, i) => textOf(tokenizer, rows + i));
  const first = texts.findIndex((text) => text !== "");
  if (first < 0) return;
  const others = texts.slice(first + 1).filter((text) => text !== "").length;
  throw new StrataError("TokenizerError", {
    where,
    expected: `token ids below ${rows}, the embedding rows of the model`,
    got:
      `${JSON.stringify(texts[first])} with the id ${rows + first}` +
      (others === 0 ? "" : ` and ${plural(others, "more token")}`),
    hint:
      "Resize the model's embeddings (transformers: `model.resize_token_embeddings(len(tokenizer))`), or remove the " +
      "token from the tokenizer's files.",
  });
}

/** U+FFFD for a token whose bytes are not valid UTF-8. */
function textOf(tokenizer: Tokenizer, id: number): string {
  return tokenizer.decode([id]);
}
