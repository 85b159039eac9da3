import { join } from "node:path";
import { hashBytes } from "../../files/hash.js";
import { hashesOf } from "./hash-file.js";
import { checkSize, damagedFile, openRanges, readNumbers, type RangeReader } from "../../files/number-file.js";
import { drawOf, minTrainingDraw, splitOf, type HoldOut } from "../documents/split.js";
import { manifestFile, readManifest, type Segment, type TokenManifest } from "./token-manifest.js";

/** A tokenized data set with random access. */
export interface TokenSource extends TokenManifest {
  readonly folder: string;
  /** [documents + 1] positions of first tokens in the data set, then its number of tokens */
  readonly starts: Float64Array;
  /** The bytes of consecutive tokens of one document. */
  tokensAt(first: number, count: number): Uint8Array;
  /** One byte per token: 1 if it is predicted, else 0. */
  maskAt(first: number, count: number): Uint8Array;
  readonly hasMask: boolean;
  /** SHA-256 over the SHA-256 of the segments' tokens, one per line. */
  readonly tokensSha256: string;
  close(): void;
}

interface OpenSegment {
  /** Position of its first token in the data set. */
  readonly first: number;
  readonly tokens: RangeReader;
  mask: RangeReader | null;
}

/** Holds 8 bytes per document in memory. @throws StrataError if a file is missing, truncated or inconsistent */
export function openTokenSource(folder: string): TokenSource {
  const manifest = readManifest<TokenManifest>(folder);
  const { segments, tokenBytes } = manifest;
  const starts = readStarts(folder, manifest);
  const open = openSegments(folder, segments);
  return {
    ...manifest,
    folder,
    starts,
    hasMask: segments.some(({ mask }) => mask !== null),
    tokensSha256: hashBytes(segments.map(({ sha256 }) => sha256).join("\n")),
    tokensAt(at, count) {
      const { first: begin, tokens } = segmentAt(open, at);
      return tokens.read((at - begin) * tokenBytes, count * tokenBytes);
    },
    maskAt(at, count) {
      const { first: begin, mask } = segmentAt(open, at);
      return mask?.read(at - begin, count) ?? new Uint8Array(count).fill(1);
    },
    close: () => closeSegments(open),
  };
}

/** Checks sizes and hashes before any file is kept open. */
function readStarts(folder: string, { segments, tokenBytes, documents, holdOut }: TokenManifest): Float64Array {
  const starts = new Float64Array(documents + 1);
  let [document, first] = [0, 0];
  for (const segment of segments) {
    checkSize(join(folder, segment.file), segment.tokens * tokenBytes);
    const segmentStarts = readNumbers(join(folder, segment.starts), 8, segment.documents + 1);
    for (let i = 0; i <= segment.documents; i++) starts[document + i] = first + segmentStarts[i];
    checkHashes(folder, segment, holdOut);
    document += segment.documents;
    first += segment.tokens;
  }
  if (document !== documents) throw damagedFile(join(folder, manifestFile), `${documents} documents`, String(document));
  return starts;
}

/** Closes the opened files if a later one cannot be opened. */
function openSegments(folder: string, segments: readonly Segment[]): OpenSegment[] {
  const open: OpenSegment[] = [];
  let first = 0;
  try {
    for (const { file, mask, tokens } of segments) {
      const segment: OpenSegment = { first, tokens: openRanges(join(folder, file)), mask: null };
      open.push(segment);
      if (mask !== null) segment.mask = openRanges(join(folder, mask));
      first += tokens;
    }
    return open;
  } catch (error) {
    closeSegments(open);
    throw error;
  }
}

function closeSegments(open: readonly OpenSegment[]): void {
  for (const { tokens, mask } of open) {
    tokens.close();
    mask?.close();
  }
}

/** The segment that contains a token. */
function segmentAt(segments: readonly OpenSegment[], position: number): OpenSegment {
  let [low, high] = [0, segments.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (segments[middle].first <= position) low = middle;
    else high = middle - 1;
  }
  return segments[low];
}

/** @throws StrataError if the hash of a document shows that it is held out */
function checkHashes(folder: string, segment: Segment, holdOut: HoldOut): void {
  let i = 0;
  for (const hash of hashesOf(folder, [segment])) {
    if (splitOf(hash, holdOut) !== "training")
      throw damagedFile(
        join(folder, segment.hashes),
        `documents with a draw of at least ${minTrainingDraw(holdOut)}`,
        `document ${i} with a draw of ${drawOf(hash)}`,
      );
    i++;
  }
}
