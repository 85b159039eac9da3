import type { AddedToken } from "../encode/added-tokens.js";
import type { Decoder } from "../decode/decoder.js";
import type { EncodePiece } from "../encode/encode-piece.js";
import type { ScanPiece } from "../encode/scan-words.js";
import type { MarkTokens } from "../special-tokens.js";

/** What a tokenizer's files say, as far as it changes ids and text. */
export interface TokenizerFile {
  /** Tokens as the model writes them (in byte letters, with `▁`, …) → ids; without added tokens. */
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly addedTokens: readonly AddedToken[];
  readonly normalize: Normalize;
  readonly cutText: CutText;
  /** A faster way to the same pieces, for the patterns that have one. */
  readonly scanPiece: ScanPiece | null;
  readonly encodePiece: EncodePiece;
  readonly around: Around;
  readonly decoder: Decoder;
}

/** Brings text into the form in which the model knows it. */
export type Normalize = (text: string) => string;

/**
 * Cuts text into the pieces that the model encodes one by one; none is empty.
 *
 * @param isStart  whether the text starts where the whole text does, rather than after an added token
 */
export type CutText = (text: string, isStart: boolean) => readonly string[];

/** The ids that stand around a text by the file's template, such as the begin of text. */
export interface Around {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export const nothingAround: Around = { before: [], after: [] };

/** A tokenizer and what marks begin and end of a text where no file beside it says so. */
export interface ParsedTokenizer {
  readonly file: TokenizerFile;
  readonly marks: MarkTokens;
}
