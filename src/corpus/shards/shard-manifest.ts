import { createHash } from "node:crypto";
import { hashBytes } from "../../files/hash.js";
import type { TokenBytes } from "../../files/number-file.js";
import type { HoldOut } from "../documents/split.js";
import type { TokenManifest } from "../tokens/token-manifest.js";

/** A tokenized data set that was cut into shards. */
export interface ShardSource extends Pick<TokenManifest, "documents" | "tokens"> {
  /** SHA-256 over the SHA-256 of its segments' tokens, one per line. */
  readonly tokensSha256: string;
}

export interface Shard {
  /** The token ids of its documents, concatenated. */
  readonly file: string;
  /** Position of each document's first token (uint64), then the shard's number of tokens. */
  readonly starts: string;
  /** The numbers of its documents (uint32). Documents are numbered across all sources, from 0. */
  readonly members: string;
  /** One byte per token: 1 if it is predicted, else 0. Null if all tokens are. */
  readonly mask: string | null;
  readonly documents: number;
  readonly tokens: number;
  /** SHA-256 of `file`. */
  readonly sha256: string;
  readonly startsSha256: string;
  readonly membersSha256: string;
  readonly maskSha256: string | null;
  /** SHA-256 over the lines `source:index:length` of its documents, in its order. */
  readonly documentsHash: string;
}

/**
 * manifest.json of the shards. With their files it proves that they are disjoint and complete, and contain no held-out
 * document.
 */
export interface ShardManifest {
  readonly tokenBytes: TokenBytes;
  readonly vocabSize: number;
  /** Sum over all shards. */
  readonly documents: number;
  readonly tokens: number;
  readonly seed: number;
  /** The hash of every document of the sources, by document number: 8 bytes each. */
  readonly hashes: string;
  readonly hashesSha256: string;
  /** The documents that no shard contains. The same for all sources. */
  readonly holdOut: HoldOut;
  /** SHA-256 over the `documentsHash` of all shards, one per line. */
  readonly order: string;
  readonly sources: readonly ShardSource[];
  readonly shards: readonly Shard[];
}

/** The source of a document and its index there, from its number across all sources. */
export function locateDocument(
  sources: readonly { readonly documents: number }[],
  number: number,
): { source: number; index: number } {
  let source = 0;
  let index = number;
  while (index >= sources[source].documents) index -= sources[source++].documents;
  return { source, index };
}

/** Computes a `documentsHash` incrementally. */
export function hashDocuments(sources: readonly { readonly documents: number }[]) {
  const hash = createHash("sha256");
  let lines = "";
  return {
    add(number: number, length: number): void {
      const { source, index } = locateDocument(sources, number);
      lines += `${source}:${index}:${length}\n`;
      if (lines.length < 1 << 16) return;
      hash.update(lines);
      lines = "";
    },
    digest: (): string => hash.update(lines).digest("hex"),
  };
}

export function orderOf(shards: readonly Pick<Shard, "documentsHash">[]): string {
  return hashBytes(shards.map(({ documentsHash }) => documentsHash).join("\n"));
}
