import { join } from "node:path";
import { encodeHash, hashesOf } from "../tokens/hash-file.js";
import type { HeldOutElsewhere } from "../tokens/held-out-list.js";
import { createHashedFile } from "../../files/number-file.js";
import type { Amount } from "./shard-manifest.js";
import type { TokenSource } from "../tokens/token-source.js";

export interface LeftOut {
  /** By the number of a document over all sources: 1 if another data set holds it out. */
  readonly isLeftOut: Uint8Array;
  /** By source. */
  readonly amounts: readonly Amount[];
  readonly hashes: string;
  readonly hashesSha256: string;
}

/** Writes the hash of every document of the sources, and finds those that another data set holds out. Holds a byte for each. */
export function findLeftOut(folder: string, sources: readonly TokenSource[], elsewhere: HeldOutElsewhere): LeftOut {
  const hashes = "documents.hashes";
  const file = createHashedFile(join(folder, hashes));
  const isLeftOut = new Uint8Array(sources.reduce((sum, { documents }) => sum + documents, 0));
  const amounts: Amount[] = [];
  let before = 0;
  try {
    for (const { folder: own, segments, starts, documents } of sources) {
      let [index, leftOut, tokens] = [0, 0, 0];
      for (const hash of hashesOf(own, segments)) {
        file.append(encodeHash(hash));
        if (elsewhere.has(hash)) {
          isLeftOut[before + index] = 1;
          leftOut++;
          tokens += starts[index + 1] - starts[index];
        }
        index++;
      }
      amounts.push({ documents: leftOut, tokens });
      before += documents;
    }
    return { isLeftOut, amounts, hashes, hashesSha256: file.finish() };
  } finally {
    file.abandon();
  }
}
