import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { tokenizeDocuments, type TokenManifest } from "../../src/corpus/tokenize.js";
import type { Tokenizer } from "../../src/tokenizer/tokenizer.js";

/** A token per byte of UTF-8, 256 begins and 257 ends a document. */
export function byteTokenizer(vocabularySize = 258): Tokenizer {
  return {
    vocabularySize,
    bosId: 256,
    eosIds: [257],
    encode: (text) => [...Buffer.from(text)],
    decode: (ids) => Buffer.from(ids.filter((id) => id < 256)).toString(),
    isSpecial: (id) => id >= 256,
    bytes: (id) => Uint8Array.of(id),
  };
}

let made = 0;

/** A new folder inside another. */
export function newFolder(parent: string): string {
  const folder = join(parent, String(made++));
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

export function tokenized(folder: string, texts: readonly string[], vocabularySize = 258): Promise<TokenManifest> {
  return tokenizeDocuments({ documents: each(texts), tokenizer: byteTokenizer(vocabularySize), folder });
}

/** The message of the error, with the folder's path shown as FOLDER. */
export async function messageOf(doing: () => unknown, folder: string): Promise<string> {
  try {
    await doing();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message.replaceAll(folder, "FOLDER")}`;
  }
  return "no error";
}
