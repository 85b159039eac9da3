import { join } from "node:path";
import { writeJsonAtomic } from "../tensor/atomic-file.js";
import { StrataError } from "../tensor/errors.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { createHashedFile, encodeNumbers, type TokenBytes } from "./number-file.js";

/** manifest.json of a tokenized data set. */
export interface TokenManifest {
  readonly tokenBytes: TokenBytes;
  readonly vocabularySize: number;
  readonly documents: number;
  readonly tokens: number;
  readonly tokensSha256: string;
  readonly startsSha256: string;
}

/** Token ids of all documents, one after the other. */
export const tokensFile = "tokens.bin";
/** Position of each document's first token (uint64), then the number of all tokens. */
export const startsFile = "documents.bin";
export const manifestFile = "manifest.json";

/**
 * Writes documents as tokens into an existing folder, manifest.json last. Each is `[begin] ids end`, begin where the
 * tokenizer has one.
 *
 * @throws StrataError if there is no document, or the tokenizer has no end token
 */
export async function tokenizeDocuments(options: {
  readonly documents: AsyncIterable<string>;
  readonly tokenizer: Tokenizer;
  readonly folder: string;
  /** After every document, with the number so far. */
  readonly onProgress?: (documents: number, tokens: number) => void;
}): Promise<TokenManifest> {
  const { tokenizer, folder } = options;
  const { vocabularySize } = tokenizer;
  const tokenBytes: TokenBytes = vocabularySize <= 65536 ? 2 : 4;
  const begin = tokenizer.bosId === null ? [] : [tokenizer.bosId];
  const end = endToken(tokenizer, folder);
  const tokenFile = createHashedFile(join(folder, tokensFile));
  const startFile = createHashedFile(join(folder, startsFile));
  let [documents, tokens] = [0, 0];
  try {
    startFile.append(encodeNumbers([0], 8));
    for await (const text of options.documents) {
      const ids = begin.concat(tokenizer.encode(text), end);
      tokenFile.append(encodeNumbers(ids, tokenBytes));
      tokens += ids.length;
      startFile.append(encodeNumbers([tokens], 8));
      documents++;
      options.onProgress?.(documents, tokens);
    }
    if (documents === 0) throw noDocuments(folder);
    const tokensSha256 = tokenFile.finish();
    const manifest = { tokenBytes, vocabularySize, documents, tokens, tokensSha256, startsSha256: startFile.finish() };
    writeJsonAtomic(join(folder, manifestFile), manifest);
    return manifest;
  } finally {
    tokenFile.abandon();
    startFile.abandon();
  }
}

function endToken({ eosIds }: Tokenizer, where: string): number {
  if (eosIds.length > 0) return eosIds[0];
  throw new StrataError("CorpusError", {
    where,
    expected: "a tokenizer with an end token, to put between documents",
    got: "one without",
    hint: 'Name it as "eos_token" in tokenizer_config.json beside tokenizer.json.',
  });
}

function noDocuments(where: string): StrataError {
  return new StrataError("CorpusError", {
    where,
    expected: "at least one document",
    got: "none",
    hint: "Check the files of the data set, and that its share for validation is below 1.",
  });
}
