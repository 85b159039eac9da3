import { join } from "node:path";
import { writeJsonAtomic } from "../../files/atomic-file.js";
import { StrataError } from "../../errors/strata-error.js";
import { permutation, randomKey } from "../../tensor/random.js";
import { encodeHash, hashesOf } from "../tokens/hash-file.js";
import { createHashedFile, encodeNumbers } from "../../files/number-file.js";
import { describeHoldOut } from "../documents/split.js";
import { hashDocuments, locateDocument, orderOf, type Shard, type ShardManifest } from "./shard-manifest.js";
import { manifestFile } from "../tokens/token-manifest.js";
import { openTokenSource, type TokenSource } from "../tokens/token-source.js";

export type { Shard, ShardManifest } from "./shard-manifest.js";
export { verifyShards } from "./verify-shards.js";

export interface CutOptions {
  /** Folders of tokenized data sets. */
  readonly sources: readonly string[];
  /** The number of shards, P. */
  readonly shards: number;
  /** The share of the tokens in each, with sum 1; absent for equal shards. */
  readonly shares?: readonly number[];
  readonly seed: number;
  /** An existing folder. */
  readonly folder: string;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Shuffles the documents of all sources with the seed and cuts the sequence into P shards with about the same number of
 * tokens, or with `shares` of them: each ends at the nearest document boundary, for equal shards at that of
 * (k + 1) / P of the tokens. Holds about 12 bytes per document in memory.
 *
 * @throws StrataError if the sources differ in vocabulary or hold-out, or there are fewer documents than shards
 */
export async function cutShards(options: CutOptions): Promise<ShardManifest> {
  const sources: TokenSource[] = [];
  try {
    for (const source of options.sources) sources.push(openTokenSource(source));
    checkVocabularies(sources);
    checkHoldOuts(sources);
    const manifest = await writeShards(options, sources);
    writeJsonAtomic(join(options.folder, manifestFile), manifest);
    return manifest;
  } finally {
    for (const source of sources) source.close();
  }
}

async function writeShards(
  { folder, seed, shards: P, shares, onProgress }: CutOptions,
  sources: readonly TokenSource[],
): Promise<ShardManifest> {
  const sum = (key: "documents" | "tokens") => sources.reduce((all, source) => all + source[key], 0);
  const [documents, tokens] = [sum("documents"), sum("tokens")];
  if (documents < P) throw tooFewDocuments(folder, documents, P);
  const hashes = writeHashes(folder, sources);
  const order = permutation(randomKey(seed, "order of documents"), documents);
  const ends = shardEnds(sources, order, shardTargets(tokens, P, shares));
  const shards: Shard[] = [];
  for (let k = 0; k < P; k++) {
    const from = k === 0 ? 0 : ends[k - 1];
    shards.push(await writeShard(folder, k, sources, order.subarray(from, ends[k])));
    onProgress?.(ends[k], documents);
  }
  const { tokenBytes, vocabSize, holdOut } = sources[0];
  return {
    tokenBytes,
    vocabSize,
    documents,
    tokens,
    seed,
    ...hashes,
    holdOut,
    order: orderOf(shards),
    sources: sources.map((source) => ({
      documents: source.documents,
      tokens: source.tokens,
      tokensSha256: source.tokensSha256,
    })),
    shards,
  };
}

/** Writes the hash of every document of the sources, by document number. */
function writeHashes(folder: string, sources: readonly TokenSource[]): Pick<ShardManifest, "hashes" | "hashesSha256"> {
  const hashes = "documents.hashes";
  const file = createHashedFile(join(folder, hashes));
  try {
    for (const source of sources)
      for (const hash of hashesOf(source.folder, source.segments)) file.append(encodeHash(hash));
    return { hashes, hashesSha256: file.finish() };
  } finally {
    file.abandon();
  }
}

/** The tokens that should precede the end of each shard. */
function shardTargets(tokens: number, shards: number, shares: readonly number[] | undefined): number[] {
  return Array.from({ length: shards }, (_, k) =>
    shares === undefined
      ? (tokens * (k + 1)) / shards
      : tokens * shares.slice(0, k + 1).reduce((sum, share) => sum + share, 0),
  );
}

/** The position in `order` after each shard's last document. Each shard has at least one document. */
function shardEnds(sources: readonly TokenSource[], order: Uint32Array, targets: readonly number[]): number[] {
  const shards = targets.length;
  const ends: number[] = [];
  let [place, passed] = [0, 0];
  for (let k = 1; k <= shards; k++) {
    const minEnd = (ends.at(-1) ?? 0) + 1;
    const maxEnd = order.length - (shards - k);
    const target = targets[k - 1];
    while (place < maxEnd) {
      const length = lengthOf(sources, order[place]);
      if (place >= minEnd && passed + length / 2 > target) break;
      passed += length;
      place++;
    }
    ends.push(place);
  }
  return ends;
}

function lengthOf(sources: readonly TokenSource[], number: number): number {
  const { source, index } = locateDocument(sources, number);
  const { starts } = sources[source];
  return starts[index + 1] - starts[index];
}

async function writeShard(
  folder: string,
  k: number,
  sources: readonly TokenSource[],
  members: Uint32Array,
): Promise<Shard> {
  const names = { file: `shard-${k}.tokens`, starts: `shard-${k}.starts`, members: `shard-${k}.members` };
  const mask = sources.some(({ hasMask }) => hasMask) ? `shard-${k}.mask` : null;
  const [tokenFile, startFile, memberFile] = Object.values(names).map((name) => createHashedFile(join(folder, name)));
  const maskFile = mask === null ? null : createHashedFile(join(folder, mask));
  const hash = hashDocuments(sources);
  let tokens = 0;
  const copyDocument = (number: number): number => {
    const { source, index } = locateDocument(sources, number);
    const { starts, tokensAt, maskAt } = sources[source];
    const length = starts[index + 1] - starts[index];
    tokenFile.append(tokensAt(starts[index], length));
    maskFile?.append(maskAt(starts[index], length));
    hash.add(number, length);
    return length;
  };
  try {
    startFile.append(encodeNumbers([0], 8));
    for (let first = 0; first < members.length; first += documentsBetweenSignals) {
      await yieldToSignals();
      const some = members.subarray(first, first + documentsBetweenSignals);
      const ends = Float64Array.from(some, (number) => (tokens += copyDocument(number)));
      startFile.append(encodeNumbers(ends, 8));
      memberFile.append(encodeNumbers(some, 4));
    }
    const [sha256, startsSha256, membersSha256] = [tokenFile, startFile, memberFile].map((file) => file.finish());
    const maskSha256 = maskFile?.finish() ?? null;
    return {
      ...names,
      mask,
      documents: members.length,
      tokens,
      sha256,
      startsSha256,
      membersSha256,
      maskSha256,
      documentsHash: hash.digest(),
    };
  } finally {
    for (const file of [tokenFile, startFile, memberFile, maskFile]) file?.abandon();
  }
}

const documentsBetweenSignals = 4096;

function yieldToSignals(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function checkVocabularies(sources: readonly TokenSource[]): void {
  const [{ folder, vocabSize }] = sources;
  const other = sources.find((source) => source.vocabSize !== vocabSize);
  if (other === undefined) return;
  throw new StrataError("CorpusError", {
    where: other.folder,
    expected: `a vocabulary of ${vocabSize} tokens, as in ${folder}`,
    got: String(other.vocabSize),
    hint: "Tokenize all data sets with the same tokenizer.",
  });
}

function checkHoldOuts(sources: readonly TokenSource[]): void {
  const describe = ({ holdOut }: TokenSource) => describeHoldOut(holdOut);
  const [first] = sources;
  const other = sources.find((source) => describe(source) !== describe(first));
  if (other === undefined) return;
  throw new StrataError("CorpusError", {
    where: other.folder,
    expected: `${describe(first)}, as in ${first.folder}`,
    got: describe(other),
    hint: "Tokenize all data sets with the same share and seed, so that no held-out document is trained on.",
  });
}

function tooFewDocuments(where: string, documents: number, shards: number): StrataError {
  return new StrataError("CorpusError", {
    where,
    expected: `at least ${shards} documents for ${shards} shards`,
    got: String(documents),
    hint: "Lower `shards`, or use more documents; `separator` splits one .txt file into several.",
  });
}
