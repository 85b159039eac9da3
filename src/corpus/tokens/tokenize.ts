import { StrataError } from "../../errors/strata-error.js";
import { encodeBatches } from "./encode-batches.js";
import { createTokenWriter, type TokenWriter } from "./token-writer.js";
import type { Tokenized, TokenizeOptions } from "./tokenize-options.js";

/**
 * Tokenizes documents into a folder; manifest.json is written last. Resumes after the segments that a killed process
 * finished. The bytes are the same after any interruption and for any number of concurrent calls. Memory is constant,
 * plus up to 16 bytes per document if duplicates are removed.
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
  for await (const batch of encodeBatches(stream.chunks, options)) {
    if (!batch.every((chunk) => writer.add(chunk))) return;
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
    hint: "Finished segments are kept: run the same command again to continue.",
  });
}
