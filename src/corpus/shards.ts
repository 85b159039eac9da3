import { join } from "node:path";
import { writeJsonAtomic } from "../tensor/atomic-file.js";
import { StrataError } from "../tensor/errors.js";
import { permutation, randomKey } from "../tensor/random.js";
import { checkSize, createHashedFile, encodeNumbers, openRanges, readNumbers, type RangeReader } from "./number-file.js";
import { hashDocuments, locateDocument, orderOf, readManifest, type Shard, type ShardManifest } from "./shard-manifest.js";
import { manifestFile, startsFile, tokensFile, type TokenManifest } from "./tokenize.js";

export type { Shard, ShardManifest } from "./shard-manifest.js";
export { verifyShards } from "./verify-shards.js";

interface Source extends TokenManifest {
  readonly starts: ArrayLike<number>;
  readonly ranges: RangeReader;
}

export interface CutOptions {
  /** Folders of tokenized data sets. */
  readonly sources: readonly string[];
  /** P. */
  readonly shards: number;
  readonly seed: number;
  /** An existing folder. */
  readonly folder: string;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Puts the documents of all sources in an order drawn with the seed and cuts it into P runs of about equally many tokens:
 * shard k ends at the border of documents nearest to (k + 1) / P of the tokens. Holds about 20 bytes
 * per document in memory.
 *
 * @throws StrataError if sources differ in their vocabulary, or there are fewer documents than shards
 */
export async function cutShards(options: CutOptions): Promise<ShardManifest> {
  const { folder, seed } = options;
  const sources: Source[] = [];
  try {
    for (const source of options.sources) sources.push(openSource(source));
    checkVocabularies(options.sources, sources);
    const documents = sources.reduce((sum, source) => sum + source.documents, 0);
    const tokens = sources.reduce((sum, source) => sum + source.tokens, 0);
    if (documents < options.shards) throw tooFewDocuments(folder, documents, options.shards);
    const order = permutation(randomKey(seed, "order of documents"), documents);
    const ends = shardEnds(sources, order, tokens, options.shards);
    const shards: Shard[] = [];
    for (let k = 0; k < options.shards; k++) {
      const from = k === 0 ? 0 : ends[k - 1];
      shards.push(writeShard(folder, k, sources, order.subarray(from, ends[k])));
      options.onProgress?.(ends[k], documents);
      // Lets signals and messages through.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    const { tokenBytes, vocabularySize } = sources[0];
    const manifest: ShardManifest = {
      tokenBytes, vocabularySize, documents, tokens, seed,
      order: orderOf(shards),
      sources: sources.map((source) => ({ documents: source.documents, tokens: source.tokens, tokensSha256: source.tokensSha256 })),
      shards,
    };
    writeJsonAtomic(join(folder, manifestFile), manifest);
    return manifest;
  } finally {
    for (const { ranges } of sources) ranges.close();
  }
}

function openSource(folder: string): Source {
  const manifest = readManifest<TokenManifest>(folder);
  checkSize(join(folder, tokensFile), manifest.tokens * manifest.tokenBytes);
  const starts = readNumbers(join(folder, startsFile), 8, manifest.documents + 1);
  return { ...manifest, starts, ranges: openRanges(join(folder, tokensFile)) };
}

/** For each shard the place after its last document. Each has at least one document. */
function shardEnds(sources: readonly Source[], order: Uint32Array, tokens: number, shards: number): number[] {
  const ends: number[] = [];
  let [place, passed] = [0, 0];
  for (let k = 1; k <= shards; k++) {
    const least = (ends.at(-1) ?? 0) + 1;
    const most = order.length - (shards - k);
    const target = (tokens * k) / shards;
    while (place < most) {
      const length = lengthOf(sources, order[place]);
      if (place >= least && passed + length / 2 > target) break;
      passed += length;
      place++;
    }
    ends.push(place);
  }
  return ends;
}

function lengthOf(sources: readonly Source[], number: number): number {
  const { source, index } = locateDocument(sources, number);
  const { starts } = sources[source];
  return starts[index + 1] - starts[index];
}

function writeShard(folder: string, k: number, sources: readonly Source[], members: Uint32Array): Shard {
  const names = { file: `shard-${k}.tokens`, starts: `shard-${k}.starts`, members: `shard-${k}.members` };
  const [tokenFile, startFile, memberFile] = Object.values(names).map((name) => createHashedFile(join(folder, name)));
  const starts = new Float64Array(members.length + 1);
  const hash = hashDocuments(sources);
  try {
    for (const [i, number] of members.entries()) {
      const { source, index } = locateDocument(sources, number);
      const { starts: sourceStarts, ranges, tokenBytes } = sources[source];
      const length = sourceStarts[index + 1] - sourceStarts[index];
      tokenFile.append(ranges.read(sourceStarts[index] * tokenBytes, length * tokenBytes));
      starts[i + 1] = starts[i] + length;
      hash.add(number, length);
    }
    startFile.append(encodeNumbers(starts, 8));
    memberFile.append(encodeNumbers(members, 4));
    const [sha256, startsSha256, membersSha256] = [tokenFile, startFile, memberFile].map((file) => file.finish());
    const [documents, tokens] = [members.length, starts[members.length]];
    return { ...names, documents, tokens, sha256, startsSha256, membersSha256, documentsHash: hash.digest() };
  } finally {
    for (const file of [tokenFile, startFile, memberFile]) file.abandon();
  }
}

function checkVocabularies(folders: readonly string[], sources: readonly Source[]): void {
  const { vocabularySize } = sources[0];
  const other = sources.findIndex((source) => source.vocabularySize !== vocabularySize);
  if (other === -1) return;
  throw new StrataError("CorpusError", {
    where: folders[other],
    expected: `a vocabulary of ${vocabularySize} tokens as in ${folders[0]}`,
    got: String(sources[other].vocabularySize),
    hint: "Tokenize all data sets with the same tokenizer.",
  });
}

function tooFewDocuments(where: string, documents: number, shards: number): StrataError {
  return new StrataError("CorpusError", {
    where,
    expected: `at least ${shards} documents for ${shards} shards`,
    got: String(documents),
    hint: "Lower `shards`, or give more documents.",
  });
}
