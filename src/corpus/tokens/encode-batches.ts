import type { EncodeContents, EncodedContent } from "./encode-documents.js";
import type { ReadPiece, TrainingDocument } from "../documents/training-documents.js";

export interface EncodedPiece extends ReadPiece {
  readonly document: (TrainingDocument & EncodedContent) | null;
}

/** Most letters of a batch of several pieces: what an encode pool gives to a thread at a time. */
const batchLetters = 2 ** 18;

/** Letters that a document counts for beside its own: what is held of it takes as much as so many, and short ones are many. */
const documentLetters = 256;

interface Batch {
  readonly pieces: readonly ReadPiece[];
  readonly letters: number;
}

/**
 * Encodes the documents of pieces in batches, several at a time, and gives the batches in order. Where a batch ends follows
 * from the pieces alone. A document that is longer than all batches together may be is encoded alone, so that memory is
 * bounded.
 */
export async function* encodeBatches(
  pieces: AsyncIterable<ReadPiece>,
  { encode, callsAtOnce }: { readonly encode: EncodeContents; readonly callsAtOnce: number },
): AsyncIterable<readonly EncodedPiece[]> {
  const running: { readonly letters: number; readonly encoded: Promise<readonly EncodedPiece[]> }[] = [];
  let lettersAtOnce = 0;
  const first = async () => {
    const { letters, encoded } = running.shift() as (typeof running)[number];
    lettersAtOnce -= letters;
    return encoded;
  };
  for await (const batch of batches(pieces)) {
    while (running.length > 0 && lettersAtOnce + batch.letters > callsAtOnce * batchLetters) yield await first();
    const encoded = encodeBatch(batch.pieces, encode);
    // Awaited below, perhaps after another one has failed.
    encoded.catch(() => {});
    running.push({ letters: batch.letters, encoded });
    lettersAtOnce += batch.letters;
    if (running.length >= callsAtOnce) yield await first();
  }
  while (running.length > 0) yield await first();
}

async function* batches(pieces: AsyncIterable<ReadPiece>): AsyncIterable<Batch> {
  let batch: ReadPiece[] = [];
  let letters = 0;
  for await (const piece of pieces) {
    const own = lettersOf(piece);
    if (batch.length > 0 && letters + own > batchLetters) {
      yield { pieces: batch, letters };
      [batch, letters] = [[], 0];
    }
    batch.push(piece);
    letters += own;
  }
  if (batch.length > 0) yield { pieces: batch, letters };
}

/** A piece without a document fills a batch: it is long. */
function lettersOf({ document }: ReadPiece): number {
  return document === null ? batchLetters : document.parts.reduce((sum, { length }) => sum + length, documentLetters);
}

async function encodeBatch(batch: readonly ReadPiece[], encode: EncodeContents): Promise<readonly EncodedPiece[]> {
  const documents = batch.flatMap(({ document }) => document ?? []);
  const encoded = documents.length === 0 ? [] : await encode(documents);
  let at = 0;
  return batch.map((piece) => ({ ...piece, document: piece.document && { ...piece.document, ...encoded[at++] } }));
}
