import { createReadStream, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { buildFolder } from "./paths.js";
import type { MergesWork, TokenizingWork } from "./work.js";

/** Files that are not part of the repository, because of their size or licence. */
export interface TokenizerSources {
  /** Folder with Llama 3's tokenizer.model or tokenizer.json. */
  readonly tokenizer: string;
  /** JSONL file, optionally gzipped, with documents in the field `text`. */
  readonly texts: string;
}

export function areThere({ tokenizer, texts }: TokenizerSources): boolean {
  return existsSync(tokenizer) && existsSync(texts);
}

const megabyte = 1e6;

/** Eight parts of 4 MB, together more than any cache of words holds. */
export async function tokenizingWork(sources: TokenizerSources, tokenizerThreads: number): Promise<TokenizingWork> {
  const texts = await writeParts(sources.texts, 8, 4 * megabyte);
  return { kind: "tokenizing", tokenizer: sources.tokenizer, texts, tokenizerThreads };
}

export async function mergesWork(sources: TokenizerSources, tokenizerThreads: number): Promise<MergesWork> {
  return {
    kind: "learning_merges",
    texts: await writeParts(sources.texts, 1, 10 * megabyte),
    vocabSize: 8192,
    tokenizerThreads,
  };
}

/** Writes the first documents to a file, one part of about `bytes` per line; fewer parts if documents run out. */
async function writeParts(source: string, count: number, bytes: number): Promise<string> {
  const parts: string[][] = [[]];
  let size = 0;
  const stream = source.endsWith(".gz") ? createReadStream(source).pipe(createGunzip()) : createReadStream(source);
  for await (const line of createInterface({ input: stream })) {
    const { text } = JSON.parse(line) as { text: string };
    if (size >= bytes) {
      if (parts.length === count) break;
      parts.push([]);
      size = 0;
    }
    parts[parts.length - 1].push(text);
    size += Buffer.byteLength(text);
  }
  const path = join(buildFolder, `texts-${count}x${bytes}.jsonl`);
  writeFileSync(path, parts.map((part) => `${JSON.stringify(part)}\n`).join(""));
  return path;
}
