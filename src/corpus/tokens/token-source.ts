import { join } from "node:path";
import { hashBytes } from "../../files/hash.js";
import { hashesOf } from "./hash-file.js";
import { checkSize, damagedFile, openRanges, readNumbers, type RangeReader } from "../../files/number-file.js";
import { drawOf, type HoldOut } from "../documents/split.js";
import { manifestFile, readManifest, type Segment, type TokenManifest } from "./token-manifest.js";

/** A tokenized data set, read by positions. */
export interface TokenSource extends TokenManifest {
  readonly folder: string;
  /** [documents + 1] in tokens of the data set */
  readonly starts: Float64Array;
  /** The bytes of a run of tokens within one document. */
  tokensAt(first: number, count: number): Uint8Array;
  /** A byte per token, 1 where it is to be predicted. */
  maskAt(first: number, count: number): Uint8Array;
  readonly hasMask: boolean;
  /** SHA-256 over the SHA-256 of the segments' tokens, one a line. */
  readonly tokensSha256: string;
  close(): void;
}

/** Holds 8 bytes per document. @throws StrataError if a file is missing, cut off or does not fit the others */
export function openTokenSource(folder: string): TokenSource {
  const manifest = readManifest<TokenManifest>(folder);
  const { segments, tokenBytes } = manifest;
  const open: { readonly first: number; readonly tokens: RangeReader; readonly mask: RangeReader | null }[] = [];
  const starts = new Float64Array(manifest.documents + 1);
  let [documents, first] = [0, 0];
  for (const segment of segments) {
    checkSize(join(folder, segment.file), segment.tokens * tokenBytes);
    const own = readNumbers(join(folder, segment.starts), 8, segment.documents + 1);
    for (let i = 0; i <= segment.documents; i++) starts[documents + i] = first + own[i];
    checkHashes(folder, segment, manifest.holdOut);
    const mask = segment.mask === null ? null : openRanges(join(folder, segment.mask));
    open.push({ first, tokens: openRanges(join(folder, segment.file)), mask });
    documents += segment.documents;
    first += segment.tokens;
  }
  if (documents !== manifest.documents)
    throw damagedFile(join(folder, manifestFile), `${manifest.documents} documents`, String(documents));
  const segmentAt = (position: number) => {
    let [low, high] = [0, open.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (open[middle].first <= position) low = middle;
      else high = middle - 1;
    }
    return open[low];
  };
  return {
    ...manifest,
    folder,
    starts,
    hasMask: segments.some(({ mask }) => mask !== null),
    tokensSha256: hashBytes(segments.map(({ sha256 }) => sha256).join("\n")),
    tokensAt(at, count) {
      const { first: begin, tokens } = segmentAt(at);
      return tokens.read((at - begin) * tokenBytes, count * tokenBytes);
    },
    maskAt(at, count) {
      const { first: begin, mask } = segmentAt(at);
      return mask?.read(at - begin, count) ?? new Uint8Array(count).fill(1);
    },
    close() {
      for (const { tokens, mask } of open) {
        tokens.close();
        mask?.close();
      }
    },
  };
}

/** @throws StrataError if a document is among those that are held out */
function checkHashes(folder: string, segment: Segment, { share }: HoldOut): void {
  let i = 0;
  for (const hash of hashesOf(folder, [segment])) {
    const draw = drawOf(hash);
    if (draw < share)
      throw damagedFile(
        join(folder, segment.hashes),
        `documents drawn at ${share} or above`,
        `document ${i} drawn at ${draw}`,
      );
    i++;
  }
}
