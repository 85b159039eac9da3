import { join } from "node:path";
import { StrataError } from "../../errors/strata-error.js";
import { encodeHash, heldOutHashesOf } from "./hash-file.js";
import { createHashSet } from "../documents/hash-set.js";
import { createHashedFile } from "../../files/number-file.js";
import type { HeldOutList } from "../shards/shard-manifest.js";
import { isHeldOut, type DocumentHash } from "../documents/split.js";
import type { HeldOut, TokenManifest } from "./token-manifest.js";

/** A tokenized data set, as far as it matters what it holds out. */
export interface HoldingSet extends Pick<TokenManifest, "validation" | "segments"> {
  readonly folder: string;
}

/** Tells of a document that is trained on whether another data set holds it out. */
export interface HeldOutElsewhere {
  has(hash: DocumentHash): boolean;
}

/**
 * Writes the hashes of all documents that data sets hold out, and keeps those that another may train on: drawn above the
 * least share of a source. That costs 11 to 16 bytes of memory each; where all shares are equal there are none.
 *
 * @param sources  that are trained on
 * @param others   that only hold out
 * @throws StrataError if hashes cannot be compared, or some that matter are not listed
 */
export function writeHeldOutList(
  folder: string,
  sources: readonly HoldingSet[],
  others: readonly HoldingSet[],
): { readonly list: HeldOutList; readonly elsewhere: HeldOutElsewhere } {
  const sets = [...sources, ...others];
  const [ofSources, ofAll] = [sources, sets].map((some) => some.map(({ validation }) => validation));
  checkComparable(sets);
  for (const set of sets) checkComplete(set, leastShare(ofSources));
  const elsewhere = collectHeldOut(ofSources, ofAll);
  const name = "held-out.hashes";
  const file = createHashedFile(join(folder, name));
  try {
    for (const { folder: own, segments } of sets) {
      for (const hash of heldOutHashesOf(own, segments)) {
        file.append(encodeHash(hash));
        elsewhere.add(hash);
      }
    }
    return { list: { file: name, sha256: file.finish(), sets: ofAll }, elsewhere };
  } finally {
    file.abandon();
  }
}

/** Collects what `sets` hold out, as far as a source may train on it. */
export function collectHeldOut(
  sources: readonly HeldOut[],
  sets: readonly HeldOut[],
): HeldOutElsewhere & { add(hash: DocumentHash): void } {
  const [least, largest] = [leastShare(sources), Math.max(...sets.map(({ share }) => share))];
  const hashes = createHashSet();
  return {
    add(hash) {
      if (!isHeldOut(hash, least)) hashes.add(hash);
    },
    has: (hash) => hashes.size > 0 && isHeldOut(hash, largest) && hashes.has(hash),
  };
}

/** What is drawn below it is trained on by no source. */
export function leastShare(sources: readonly HeldOut[]): number {
  return Math.min(...sources.map(({ share }) => share));
}

function checkComparable(sets: readonly HoldingSet[]): void {
  const [{ folder, validation }] = sets;
  const other = sets.find((set) => set.validation.seed !== validation.seed);
  if (other === undefined || sets.every(({ validation: { share } }) => share === 0)) return;
  throw new StrataError("CorpusError", {
    where: other.folder,
    expected: `documents drawn with the seed ${validation.seed} as in ${folder}`,
    got: `the seed ${other.validation.seed}`,
    hint: "Tokenize all data sets with the same seed: what one holds out could not be told among the documents of another.",
  });
}

function checkComplete({ folder, validation: { share, isComplete } }: HoldingSet, least: number): void {
  if (isComplete || share <= least) return;
  throw new StrataError("CorpusError", {
    where: folder,
    expected: `all documents that the data set holds out, for its share of ${share} is above another's ${least}`,
    got: "those up to its cut",
    hint: "Tokenize it with `heldOutPastCut`.",
  });
}
