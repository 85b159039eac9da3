import { join } from "node:path";
import { checkEqual, checkFile } from "./check-file.js";
import { damagedFile, readNumbers } from "../../files/number-file.js";
import { hashDocuments, locateDocument, orderOf, type Shard, type ShardManifest } from "./shard-manifest.js";
import { readHashes } from "../tokens/hash-file.js";
import { minTrainingDraw, splitOf } from "../documents/split.js";
import { manifestFile, readManifest } from "../tokens/token-manifest.js";

/**
 * Checks that
 *
 * - the files of the shards match their manifest,
 * - every document of every source is in exactly one shard, and the tokens sum to those of the sources,
 * - no document is held out, according to its hash.
 *
 * @throws StrataError naming the first file that is wrong
 */
export async function verifyShards(folder: string): Promise<void> {
  const manifest = readManifest<ShardManifest>(folder);
  const manifestPath = join(folder, manifestFile);
  checkSums(manifest, manifestPath);
  const seen = new Uint8Array(manifest.sources.reduce((sum, { documents }) => sum + documents, 0));
  const tokensOfSource = manifest.sources.map(() => 0);
  for (const shard of manifest.shards) {
    await checkFiles(folder, shard, manifest.tokenBytes);
    checkMembers(folder, shard, manifest, seen, tokensOfSource);
  }
  await checkHashes(folder, manifest);
  for (const [i, { tokens }] of manifest.sources.entries()) {
    if (tokensOfSource[i] !== tokens)
      throw damagedFile(manifestPath, `${tokens} tokens of source ${i}`, String(tokensOfSource[i]));
  }
  checkEqual(manifestPath, "order", manifest.order, orderOf(manifest.shards));
}

function checkSums({ documents, tokens, sources, shards }: ShardManifest, path: string): void {
  for (const [what, entries] of [
    ["sources", sources],
    ["shards", shards],
  ] as const) {
    const documentSum = entries.reduce((sum, entry) => sum + entry.documents, 0);
    const tokenSum = entries.reduce((sum, entry) => sum + entry.tokens, 0);
    if (documentSum !== documents)
      throw damagedFile(path, `${documents} documents in all ${what}`, String(documentSum));
    if (tokenSum !== tokens) throw damagedFile(path, `${tokens} tokens in all ${what}`, String(tokenSum));
  }
}

async function checkFiles(folder: string, shard: Shard, tokenBytes: number): Promise<void> {
  const files = [
    [shard.file, shard.tokens * tokenBytes, shard.sha256],
    [shard.starts, (shard.documents + 1) * 8, shard.startsSha256],
    [shard.members, shard.documents * 4, shard.membersSha256],
    ...(shard.mask === null ? [] : [[shard.mask, shard.tokens, shard.maskSha256 ?? ""] as const]),
  ] as const;
  for (const [name, bytes, sha256] of files) await checkFile(join(folder, name), bytes, sha256);
}

function checkMembers(
  folder: string,
  shard: Shard,
  { sources }: ShardManifest,
  seen: Uint8Array,
  tokensOfSource: number[],
): void {
  const path = join(folder, shard.members);
  const members = readNumbers(path, 4, shard.documents);
  const starts = readNumbers(join(folder, shard.starts), 8, shard.documents + 1);
  const hash = hashDocuments(sources);
  for (let i = 0; i < members.length; i++) {
    const number = members[i];
    if (number >= seen.length) throw damagedFile(path, `document numbers below ${seen.length}`, String(number));
    if (seen[number] === 1) throw damagedFile(path, "each document in one shard", `document ${number} twice`);
    seen[number] = 1;
    const length = starts[i + 1] - starts[i];
    tokensOfSource[locateDocument(sources, number).source] += length;
    hash.add(number, length);
  }
  if (starts[0] !== 0 || starts[members.length] !== shard.tokens) {
    throw damagedFile(
      join(folder, shard.starts),
      `positions from 0 to ${shard.tokens}`,
      `${starts[0]} to ${starts[members.length]}`,
    );
  }
  checkEqual(path, "documents with the hash", shard.documentsHash, hash.digest());
}

/** Every document of the sources is in a shard, so no hash may belong to a held-out document. */
async function checkHashes(folder: string, { documents, sources, hashes, ...manifest }: ShardManifest): Promise<void> {
  const path = join(folder, hashes);
  await checkFile(path, documents * 8, manifest.hashesSha256);
  const { holdOut } = manifest;
  let number = 0;
  for (const hash of readHashes(path, documents)) {
    if (splitOf(hash, holdOut) !== "training") {
      const { source, index } = locateDocument(sources, number);
      throw damagedFile(
        path,
        `documents with a draw of at least ${minTrainingDraw(holdOut)}`,
        `document ${index} of source ${source}`,
      );
    }
    number++;
  }
}
