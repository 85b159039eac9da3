import type { EncodeContents, EncodedContent } from "./encode-documents.js";
import type { ReadPiece, TrainingDocument } from "./training-documents.js";

export interface EncodedPiece extends ReadPiece {
  readonly document: (TrainingDocument & EncodedContent) | null;
}

/** Most letters of a batch of several pieces: what an encode pool gives to a thread at a time. */
const batchLetters = 2 ** 18;

/**
 * Encodes the documents of pieces in batches, several at a time, and gives the batches in order. Where a batch ends follows
 * from the pieces alone.
 */
export async function* encodeBatches(
  pieces: AsyncIterable<ReadPiece>, { encode, callsAtOnce }: { readonly encode: EncodeContents; readonly callsAtOnce: number },
): AsyncIterable<readonly EncodedPiece[]> {
  const running: Promise<readonly EncodedPiece[]>[] = [];
  for await (const batch of batches(pieces)) {
    const encoding = encodeBatch(batch, encode);
    // Awaited below, perhaps after another one has failed.
    encoding.catch(() => {});
    running.push(encoding);
    if (running.length >= callsAtOnce) yield await (running.shift() as (typeof running)[number]);
  }
  for (const encoding of running) yield await encoding;
}

async function* batches(pieces: AsyncIterable<ReadPiece>): AsyncIterable<readonly ReadPiece[]> {
  let batch: ReadPiece[] = [];
  let letters = 0;
  for await (const piece of pieces) {
    const own = lettersOf(piece);
    if (batch.length > 0 && letters + own > batchLetters) {
      yield batch;
      [batch, letters] = [[], 0];
    }
    batch.push(piece);
    letters += own;
  }
  if (batch.length > 0) yield batch;
}

/** A piece without a document fills a batch: it is long. */
function lettersOf({ document }: ReadPiece): number {
  return document === null ? batchLetters : document.parts.reduce((sum, { length }) => sum + length, 0);
}

async function encodeBatch(batch: readonly ReadPiece[], encode: EncodeContents): Promise<readonly EncodedPiece[]> {
  const documents = batch.flatMap(({ document }) => document ?? []);
  const encoded = documents.length === 0 ? [] : await encode(documents);
  let at = 0;
  return batch.map((piece) => ({ ...piece, document: piece.document && { ...piece.document, ...encoded[at++] } }));
}
