import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { partsEncoder } from "../../src/corpus/tokens/encode-documents.js";
import { hashDocument, isHeldOut } from "../../src/corpus/documents/split.js";
import type { TokenManifest } from "../../src/corpus/tokens/token-manifest.js";
import { tokenizeDocuments } from "../../src/corpus/tokens/tokenize.js";
import type { TokenizeOptions } from "../../src/corpus/tokens/tokenize-options.js";
import { openTrainingDocuments, type TrainingData } from "../../src/corpus/documents/training-documents.js";
import type { Tokenizer } from "../../src/tokenizer/tokenizer.js";

/** One token per UTF-8 byte; BOS is 256 and EOS 257. */
export function byteTokenizer(vocabSize = 258): Tokenizer {
  return {
    vocabSize,
    bosId: 256,
    eosIds: [257],
    prefix: [256],
    encode: (text) => [...Buffer.from(text)],
    append: (text, ids) => ids.append(Buffer.from(text)),
    decode: (ids) => Buffer.from(ids.filter((id) => id < 256)).toString(),
    isSpecial: (id) => id >= 256,
    startDecoding: () => ({ push: String.fromCharCode, end: () => "" }),
  };
}

let folders = 0;

/** A new folder inside another. */
export function newFolder(parent: string): string {
  const folder = join(parent, String(folders++));
  mkdirSync(folder);
  return folder;
}

export async function* each<T>(values: readonly T[]): AsyncIterable<T> {
  yield* values;
}

export async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

/** Texts, or their parts, as training documents. None is held out; reading can resume at any of them. */
function streamOf(texts: readonly (string | readonly string[])[]): TokenizeOptions["open"] {
  return (from) => {
    let state = from;
    async function* chunks() {
      for (const text of texts.slice(from.documents)) {
        const parts = typeof text === "string" ? [text] : text;
        const [whole, documents] = [parts.join(""), state.documents + 1];
        state = {
          ...state,
          documents,
          bytes: state.bytes + Buffer.byteLength(whole),
          next: { file: 0, record: documents },
        };
        yield { document: { parts, messages: null, isFirst: documents === 1, hash: hashDocument(whole, 1) }, state };
      }
    }
    return { chunks: chunks(), fileBytes: () => null };
  };
}

/** Encodes with the byte tokenizer. */
export const encodeBytes: TokenizeOptions["encode"] = partsEncoder(
  async (texts) => texts.map((text) => new Int32Array(Buffer.from(text))),
  [256],
  257,
);

export async function tokenized(
  folder: string,
  texts: readonly (string | readonly string[])[],
  options: Partial<TokenizeOptions> = {},
): Promise<TokenManifest> {
  const { manifest } = await tokenizeDocuments({
    open: streamOf(texts),
    data: { holdOut: { share: 0, seed: 1 }, duplicates: "keep", limit: null },
    lossOn: "all",
    vocabSize: 258,
    encode: encodeBytes,
    callsAtOnce: 1,
    folder,
    ...options,
  });
  return manifest;
}

/** Tokenizes a data set from its files. */
export async function tokenizedData(
  folder: string,
  data: TrainingData,
  options: Partial<TokenizeOptions> = {},
): Promise<TokenManifest> {
  return tokenized(folder, [], { open: (from, known) => openTrainingDocuments(data, from, known), data, ...options });
}

/** Writes texts to a file in a new folder. @returns the data set */
export function dataOf(parent: string, texts: readonly string[], options: Partial<TrainingData> = {}): TrainingData {
  const path = join(newFolder(parent), "data.jsonl");
  writeFileSync(path, texts.map((text) => `${JSON.stringify({ text })}\n`).join(""));
  return {
    source: { files: [path], text: { field: "text" } },
    holdOut: { share: 0, seed: 1 },
    maxBadRecords: 0,
    duplicates: "keep",
    limit: null,
    ...options,
  };
}

/** Distinct texts. */
export function numberedTexts(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => `document ${from + i}`);
}

/** Whether a text is held out with the seed 1. */
export function isTextHeldOut(text: string, share: number): boolean {
  return isHeldOut(hashDocument(text, 1), share);
}

/** The message of the error that `action` throws, with the folder's path replaced by FOLDER. */
export async function messageOf(action: () => unknown, folder: string): Promise<string> {
  try {
    await action();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message.replaceAll(folder, "FOLDER")}`;
  }
  return "no error";
}
