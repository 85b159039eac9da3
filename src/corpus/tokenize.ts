import { join } from "node:path";
import { writeJsonAtomic } from "../tensor/atomic-file.js";
import { StrataError } from "../tensor/errors.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { createTokenWriter, type TokenBytes } from "./token-file.js";

/** What manifest.json of a tokenised data set says. */
export interface TokenManifest {
  readonly tokenBytes: TokenBytes;
  readonly documents: number;
  readonly tokens: number;
}

export const tokenFileName = "tokens.bin";
export const startFileName = "documents.bin";

/** Documents → tokens on disk, each as [begin] ids [end], with bounded memory. */
export async function tokenizeDocuments(options: {
  readonly documents: AsyncIterable<string>;
  readonly tokenizer: Tokenizer;
  readonly folder: string;
  readonly onProgress?: (documents: number) => void;
}): Promise<TokenManifest> {
  const { tokenizer, folder } = options;
  const tokenBytes: TokenBytes = tokenizer.vocabularySize <= 65536 ? 2 : 4;
  const writer = createTokenWriter(join(folder, tokenFileName), join(folder, startFileName), tokenBytes);
  const before = tokenizer.bosId === null ? [] : [tokenizer.bosId];
  const after = tokenizer.eosIds.slice(0, 1);
  let count = 0;
  try {
    for await (const text of options.documents) {
      writer.add([...before, ...tokenizer.encode(text), ...after]);
      options.onProgress?.(++count);
    }
    if (count === 0) {
      throw new StrataError("CorpusError", {
        where: folder, expected: "documents to train on", got: "none", hint: "Check the files of the data set and its validation share.",
      });
    }
    const manifest: TokenManifest = { tokenBytes, ...writer.commit() };
    writeJsonAtomic(join(folder, "manifest.json"), manifest);
    return manifest;
  } finally {
    writer.abandon();
  }
}
