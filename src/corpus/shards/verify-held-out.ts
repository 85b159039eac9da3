import { join } from "node:path";
import { checkFile } from "./check-file.js";
import { readHashes } from "../tokens/hash-file.js";
import { collectHeldOut, leastShare, type HeldOutElsewhere } from "../tokens/held-out-list.js";
import { damagedFile } from "../../files/number-file.js";
import type { ShardManifest } from "./shard-manifest.js";
import { isHeldOut, type DocumentHash } from "../documents/split.js";
import { manifestFile, type HeldOut } from "../tokens/token-manifest.js";

/**
 * Checks by the hashes of all documents that those in a shard are held out by no data set, neither by the draw of their own
 * nor by the list of another, and that those in no shard are.
 *
 * @param seen  by the number of a document over all sources: 1 if it is in a shard
 * @throws StrataError naming the first document that is wrong
 */
export async function verifyHeldOut(folder: string, manifest: ShardManifest, seen: Uint8Array): Promise<void> {
  const { heldOut, sources } = manifest;
  const listed = heldOut.sets.reduce((sum, set) => sum + set.heldOut, 0);
  await checkFile(join(folder, heldOut.file), listed * 8, heldOut.sha256);
  await checkFile(join(folder, manifest.hashes), seen.length * 8, manifest.hashesSha256);
  checkSets(join(folder, manifestFile), manifest);
  const elsewhere = collectHeldOut(
    sources.map(({ validation }) => validation),
    heldOut.sets,
  );
  const list = join(folder, heldOut.file);
  const hashes = readHashes(list, listed)[Symbol.iterator]();
  for (const [i, set] of heldOut.sets.entries()) {
    for (let index = 0; index < set.heldOut; index++) {
      const hash = hashes.next().value as DocumentHash;
      if (!isHeldOut(hash, set.share))
        throw damagedFile(list, `documents drawn below ${set.share}`, `document ${index} of data set ${i}`);
      elsewhere.add(hash);
    }
  }
  checkDocuments(folder, manifest, seen, elsewhere);
}

/** That the sources' own held-out documents are listed, all of those that matter, with one seed. */
function checkSets(path: string, { sources, heldOut: { sets } }: ShardManifest): void {
  const describe = ({ share, seed, heldOut }: HeldOut) =>
    `${heldOut} held out by a share of ${share} with the seed ${seed}`;
  const least = leastShare(sources.map(({ validation }) => validation));
  for (const [i, { validation }] of sources.entries()) {
    const listed = describe(sets[i] ?? { share: 0, seed: 0, heldOut: 0 });
    if (describe(validation) !== listed) throw damagedFile(path, `of source ${i} ${describe(validation)}`, listed);
  }
  const mattering = sets.filter(({ share }) => share > least);
  const cut = mattering.find(({ isComplete }) => !isComplete);
  if (cut) throw damagedFile(path, "data sets with all that they hold out", `one up to its cut: ${describe(cut)}`);
  const other = sets.find(({ seed }) => seed !== sets[0].seed);
  if (other && mattering.length > 0)
    throw damagedFile(path, `hashes with the seed ${sets[0].seed}`, `the seed ${other.seed}`);
}

function checkDocuments(
  folder: string,
  { sources, hashes }: ShardManifest,
  seen: Uint8Array,
  elsewhere: HeldOutElsewhere,
): void {
  const path = join(folder, hashes);
  const all = readHashes(path, seen.length)[Symbol.iterator]();
  let number = 0;
  for (const [i, { documents, validation, leftOut }] of sources.entries()) {
    let missing = 0;
    for (let index = 0; index < documents; index++, number++) {
      const hash = all.next().value as DocumentHash;
      const isElsewhere = elsewhere.has(hash);
      const where = `document ${index} of source ${i}`;
      if (isHeldOut(hash, validation.share))
        throw damagedFile(path, `documents drawn at ${validation.share} or above`, where);
      if (seen[number] === 1 && isElsewhere)
        throw damagedFile(path, "no document in a shard that a data set holds out", where);
      if (seen[number] === 0 && !isElsewhere)
        throw damagedFile(path, "each document in a shard that no data set holds out", `none with ${where}`);
      if (seen[number] === 0) missing++;
    }
    if (missing !== leftOut.documents)
      throw damagedFile(path, `${leftOut.documents} documents of source ${i} in no shard`, String(missing));
  }
}
