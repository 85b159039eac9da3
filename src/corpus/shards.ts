import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeJsonAtomic } from "../tensor/atomic-file.js";
import { StrataError } from "../tensor/errors.js";
import { hashFile } from "../tensor/hash.js";
import { permutation, randomKey } from "../tensor/random.js";
import { createTokenWriter, openElements, type ElementReader, type TokenBytes } from "./token-file.js";
import { startFileName, tokenFileName, type TokenManifest } from "./tokenize.js";

export interface Shard {
  /** File names inside the folder. */
  readonly file: string;
  readonly starts: string;
  readonly documents: number;
  readonly tokens: number;
  readonly sha256: string;
  /** Place of its first document in the seeded order: the shards are consecutive runs of that order. */
  readonly firstDocument: number;
}

/** Proof that the shards are disjoint and complete: consecutive runs of one permutation of all documents. */
export interface ShardManifest {
  readonly tokenBytes: TokenBytes;
  readonly documents: number;
  readonly tokens: number;
  readonly seed: number;
  /** SHA-256 over the order of the documents. */
  readonly order: string;
  readonly shards: readonly Shard[];
}

interface Source {
  readonly manifest: TokenManifest;
  readonly tokens: ElementReader;
  readonly starts: ElementReader;
}

function openSource(folder: string): Source {
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as TokenManifest;
  return {
    manifest,
    tokens: openElements(join(folder, tokenFileName), manifest.tokenBytes),
    starts: openElements(join(folder, startFileName), 8),
  };
}

/** Cuts tokenised data sets into shards of about equally many tokens, in an order drawn with the seed. */
export async function cutShards(options: {
  readonly sources: readonly string[];
  readonly shards: number;
  readonly seed: number;
  readonly folder: string;
  readonly onProgress?: (done: number, total: number) => void;
}): Promise<ShardManifest> {
  const sources = options.sources.map(openSource);
  const documents = sources.reduce((sum, { manifest }) => sum + manifest.documents, 0);
  const tokens = sources.reduce((sum, { manifest }) => sum + manifest.tokens, 0);
  const { tokenBytes } = sources[0].manifest;
  const order = permutation(randomKey(options.seed, "order of documents"), documents);
  const shards: Shard[] = [];
  let [place, placed] = [0, 0];
  for (let index = 0; index < options.shards; index++) {
    const [file, starts] = [`shard-${index}.tokens`, `shard-${index}.starts`];
    const writer = createTokenWriter(join(options.folder, file), join(options.folder, starts), tokenBytes);
    const firstDocument = place;
    const until = (tokens * (index + 1)) / options.shards;
    const isLast = index + 1 === options.shards;
    while (place < documents && (isLast || placed < until)) {
      const ids = readDocument(sources, order[place++]);
      writer.add(ids);
      placed += ids.length;
      if (place % 256 === 0) options.onProgress?.(place, documents);
    }
    const written = writer.commit();
    if (written.documents === 0) throw tooFew(options.folder, documents, options.shards);
    shards.push({ file, starts, ...written, sha256: await hashFile(join(options.folder, file)), firstDocument });
  }
  for (const source of sources) [source.tokens, source.starts].forEach((reader) => reader.close());
  const orderHash = createHash("sha256").update(new Uint8Array(order.buffer)).digest("hex");
  const manifest: ShardManifest = { tokenBytes, documents, tokens, seed: options.seed, order: orderHash, shards };
  checkManifest(options.folder, manifest);
  writeJsonAtomic(join(options.folder, "manifest.json"), manifest);
  return manifest;
}

/** Document i of all sources in turn. */
function readDocument(sources: readonly Source[], index: number): ArrayLike<number> {
  let i = index;
  let at = 0;
  while (i >= sources[at].manifest.documents) i -= sources[at++].manifest.documents;
  const bounds = sources[at].starts.read(i, 2);
  return sources[at].tokens.read(bounds[0], bounds[1] - bounds[0]);
}

function tooFew(where: string, documents: number, shards: number): StrataError {
  return new StrataError("CorpusError", {
    where,
    expected: `documents for ${shards} shards`,
    got: `${documents}, which leave a shard empty`,
    hint: "Lower `shards` or give more documents.",
  });
}

/** @throws StrataError unless the shards are consecutive runs that add up to all documents and tokens */
export function checkManifest(folder: string, manifest: ShardManifest): void {
  let [documents, tokens] = [0, 0];
  for (const shard of manifest.shards) {
    if (shard.firstDocument !== documents) throw notAPartition(folder, `document ${documents} at the start of ${shard.file}`, String(shard.firstDocument));
    documents += shard.documents;
    tokens += shard.tokens;
  }
  if (documents !== manifest.documents) throw notAPartition(folder, `${manifest.documents} documents in all shards`, String(documents));
  if (tokens !== manifest.tokens) throw notAPartition(folder, `${manifest.tokens} tokens in all shards`, String(tokens));
}

function notAPartition(folder: string, expected: string, got: string): StrataError {
  return new StrataError("CorpusError", {
    where: join(folder, "manifest.json"),
    expected,
    got,
    hint: "The shards are not disjoint and complete: remove the folder and run again.",
  });
}

export function readShardManifest(folder: string): ShardManifest {
  return JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as ShardManifest;
}

/** @throws StrataError naming the first shard that is missing or whose bytes have changed */
export async function verifyShards(folder: string): Promise<void> {
  const manifest = readShardManifest(folder);
  checkManifest(folder, manifest);
  for (const { file, sha256 } of manifest.shards) {
    const path = join(folder, file);
    const got = existsSync(path) ? await hashFile(path) : "no such file";
    if (got === sha256) continue;
    throw new StrataError("CorpusError", {
      where: path,
      expected: `sha256 ${sha256.slice(0, 16)}…`,
      got: got.slice(0, 16),
      hint: "The shard is damaged: remove the folder it is in and run again.",
    });
  }
}
