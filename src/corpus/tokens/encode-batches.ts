import type { EncodeContents, EncodedContent } from "./encode-documents.js";
import type { ReadChunk, TrainingDocument } from "../documents/training-documents.js";

export interface EncodedChunk extends ReadChunk {
  readonly document: (TrainingDocument & EncodedContent) | null;
}

/** The most characters in a batch of several chunks: one call of the encode pool. */
const batchCharacters = 2 ** 18;

/** Added to the characters of each document: its objects take about as much memory as this many characters. */
const documentOverhead = 256;

interface Batch {
  readonly chunks: readonly ReadChunk[];
  readonly characters: number;
}

/**
 * Encodes the documents of the chunks in batches, with `callsAtOnce` concurrent calls of `encode`, and yields the
 * batches in order. The limits of the batches depend only on the chunks. To bound memory, a document longer than
 * `callsAtOnce` batches is encoded alone.
 */
export async function* encodeBatches(
  chunks: AsyncIterable<ReadChunk>,
  { encode, callsAtOnce }: { readonly encode: EncodeContents; readonly callsAtOnce: number },
): AsyncIterable<readonly EncodedChunk[]> {
  const running: { readonly characters: number; readonly encoded: Promise<readonly EncodedChunk[]> }[] = [];
  const maxCharacters = callsAtOnce * batchCharacters;
  let charactersRunning = 0;
  const takeFirst = async () => {
    const { characters, encoded } = running.shift() as (typeof running)[number];
    charactersRunning -= characters;
    return encoded;
  };
  for await (const batch of batches(chunks)) {
    while (running.length > 0 && charactersRunning + batch.characters > maxCharacters) yield await takeFirst();
    const encoded = encodeBatch(batch.chunks, encode);
    // It is awaited later, possibly after another batch has failed; without a handler Node would exit.
    encoded.catch(() => {});
    running.push({ characters: batch.characters, encoded });
    charactersRunning += batch.characters;
    if (running.length >= callsAtOnce) yield await takeFirst();
  }
  while (running.length > 0) yield await takeFirst();
}

async function* batches(chunks: AsyncIterable<ReadChunk>): AsyncIterable<Batch> {
  let batch: ReadChunk[] = [];
  let characters = 0;
  for await (const chunk of chunks) {
    const size = charactersOf(chunk);
    if (batch.length > 0 && characters + size > batchCharacters) {
      yield { chunks: batch, characters };
      [batch, characters] = [[], 0];
    }
    batch.push(chunk);
    characters += size;
  }
  if (batch.length > 0) yield { chunks: batch, characters };
}

/** A chunk without a document fills a batch, because it spans much text. */
function charactersOf({ document }: ReadChunk): number {
  if (document === null) return batchCharacters;
  return document.parts.reduce((sum, { length }) => sum + length, documentOverhead);
}

async function encodeBatch(batch: readonly ReadChunk[], encode: EncodeContents): Promise<readonly EncodedChunk[]> {
  const documents = batch.flatMap(({ document }) => document ?? []);
  const encoded = documents.length === 0 ? [] : await encode(documents);
  let at = 0;
  return batch.map((chunk) => ({ ...chunk, document: chunk.document && { ...chunk.document, ...encoded[at++] } }));
}
