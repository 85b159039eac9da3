import { StrataError } from "../../errors/strata-error.js";
import { encodeBatches } from "./encode-batches.js";
import { createTokenWriter, type TokenWriter } from "./token-writer.js";
import type { Tokenized, TokenizeOptions } from "./tokenize-options.js";

/**
 * Writes documents as tokens into a folder, manifest.json last. Goes on after what a killed process finished there. The bytes are the same however often that happened, and for any number of calls at once;
 * memory does not grow with the data, but for 16 bytes a document where duplicates go.
 *
 * @throws StrataError if there is no document, or the signal aborts
 */
export async function tokenizeDocuments(options: TokenizeOptions): Promise<Tokenized> {
  const writer = createTokenWriter(options);
  try {
    await addAll(writer, options);
    return writer.complete();
  } finally {
    writer.abandon();
  }
}

async function addAll(writer: TokenWriter, options: TokenizeOptions): Promise<void> {
  const stream = options.open(writer.state(), writer.hashes);
  for await (const batch of encodeBatches(stream.pieces, options)) {
    if (!batch.every((piece) => writer.add(piece))) return;
    writer.endBatch();
    options.onProgress?.({ state: writer.state(), tokens: writer.tokens(), fileBytes: stream.fileBytes() });
    if (options.signal?.aborted) throw interrupted(options.folder);
  }
}

function interrupted(where: string): StrataError {
  return new StrataError("CorpusError", {
    where,
    expected: "to tokenize all documents",
    got: "an interruption",
    hint: "What was finished is kept: run the same command again to go on from here.",
  });
}
