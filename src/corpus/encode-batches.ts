import type { EncodeContents, EncodedContent } from "./encode-documents.js";
import type { TrainingDocument } from "./training-documents.js";

export interface EncodedDocument extends EncodedContent {
  readonly document: TrainingDocument;
}

/** Most letters of a batch of several documents: what an encode pool gives to a thread at a time. */
const batchLetters = 2 ** 18;

/**
 * Encodes documents in batches, several at a time, and gives the batches in order. Where a batch ends follows from the
 * documents alone.
 */
export async function* encodeBatches(
  documents: AsyncIterable<TrainingDocument>, { encode, callsAtOnce }: { readonly encode: EncodeContents; readonly callsAtOnce: number },
): AsyncIterable<readonly EncodedDocument[]> {
  const running: Promise<readonly EncodedDocument[]>[] = [];
  for await (const batch of batches(documents)) {
    const encoding = encodeBatch(batch, encode);
    // Awaited below, perhaps after another one has failed.
    encoding.catch(() => {});
    running.push(encoding);
    if (running.length >= callsAtOnce) yield await (running.shift() as (typeof running)[number]);
  }
  for (const encoding of running) yield await encoding;
}

async function* batches(documents: AsyncIterable<TrainingDocument>): AsyncIterable<readonly TrainingDocument[]> {
  let batch: TrainingDocument[] = [];
  let letters = 0;
  for await (const document of documents) {
    const own = document.parts.reduce((sum, { length }) => sum + length, 0);
    if (batch.length > 0 && letters + own > batchLetters) {
      yield batch;
      [batch, letters] = [[], 0];
    }
    batch.push(document);
    letters += own;
  }
  if (batch.length > 0) yield batch;
}

async function encodeBatch(batch: readonly TrainingDocument[], encode: EncodeContents): Promise<readonly EncodedDocument[]> {
  const encoded = await encode(batch);
  return batch.map((document, i) => ({ document, ...encoded[i] }));
}
