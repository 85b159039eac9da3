import { join } from "node:path";
import { encodeHash } from "./hash-file.js";
import { createHashedFile, encodeNumbers, type TokenBytes } from "../../files/number-file.js";
import type { DocumentHash } from "../documents/split.js";
import type { Segment } from "./token-manifest.js";

export interface SegmentWriter {
  /** @param mask  [ids] 1 for tokens to predict; ignored in a segment without a mask */
  add(ids: Int32Array, mask: Uint8Array, hash: DocumentHash): void;
  /** Renames the files to their final names. */
  finish(): Segment;
  /** Removes unfinished files. Has no effect after `finish`. */
  abandon(): void;
}

/** @param folder  an existing folder */
export function createSegmentWriter(
  folder: string,
  index: number,
  tokenBytes: TokenBytes,
  hasMask: boolean,
): SegmentWriter {
  const names = {
    file: `segment-${index}.tokens`,
    starts: `segment-${index}.starts`,
    hashes: `segment-${index}.hashes`,
  };
  const mask = hasMask ? `segment-${index}.mask` : null;
  const [tokenFile, startFile, hashFile] = Object.values(names).map((name) => createHashedFile(join(folder, name)));
  const maskFile = mask === null ? null : createHashedFile(join(folder, mask));
  let [documents, tokens] = [0, 0];
  startFile.append(encodeNumbers([0], 8));
  return {
    add(ids, flags, hash) {
      tokenFile.append(encodeNumbers(ids, tokenBytes));
      maskFile?.append(flags);
      tokens += ids.length;
      documents++;
      startFile.append(encodeNumbers([tokens], 8));
      hashFile.append(encodeHash(hash));
    },
    finish() {
      const [sha256, startsSha256, hashesSha256] = [tokenFile, startFile, hashFile].map((file) => file.finish());
      const maskSha256 = maskFile?.finish() ?? null;
      return {
        ...names,
        mask,
        documents,
        tokens,
        sha256,
        startsSha256,
        hashesSha256,
        maskSha256,
      };
    },
    abandon() {
      for (const file of [tokenFile, startFile, hashFile, maskFile]) file?.abandon();
    },
  };
}
