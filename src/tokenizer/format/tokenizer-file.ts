import type { AddedToken, NewToken } from "../encode/added-tokens.js";
import type { Decoder } from "../decode/decoder.js";
import type { EncodePreToken } from "../encode/encode-pre-token.js";
import type { ScanPreToken } from "../encode/scan-words.js";
import type { NamedTokens } from "../special-tokens.js";

/** The contents of tokenizer files that affect ids and decoded text. */
export interface TokenizerFile {
  /** Token → id, in the spelling of the model (`bytesToUnicode` characters, `▁`); without added tokens. */
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly addedTokens: readonly AddedToken[];
  readonly normalize: Normalize;
  readonly preTokenize: PreTokenize;
  /** A faster way to the pre-tokens of `preTokenize`, for some patterns. */
  readonly scanPreToken: ScanPreToken | null;
  readonly encodePreToken: EncodePreToken;
  readonly specialTokens: SpecialTokens;
  readonly decoder: Decoder;
}

/** The normalizer, which runs before the pre-tokenizer. */
export type Normalize = (text: string) => string;

/**
 * The pre-tokenizer: splits text into non-empty pre-tokens, which the model encodes independently.
 *
 * @param isStart  whether this is the start of the whole text, rather than the text after an added token
 */
export type PreTokenize = (text: string, isStart: boolean) => readonly string[];

/** The ids of special tokens, such as BOS, that the post-processor adds before and after a text. */
export interface SpecialTokens {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export const noSpecialTokens: SpecialTokens = { before: [], after: [] };

/** What a vocabulary file says. */
export interface ParsedTokenizer {
  readonly file: TokenizerFile;
  /** Its tokens by key, such as `bos_token`, unless another file in the folder names them. */
  readonly named: NamedTokens;
  /** Whether BOS precedes every text unless tokenizer_config.json says; null if the file itself decides. */
  readonly addsBos: boolean | null;
  /** Whether added tokens are searched for in the raw text only, whatever their flags say. */
  readonly searchesRawText: boolean;
  /** The added tokens of a tokenizer.json by the ids that it writes, right or wrong. */
  readonly written: ReadonlyMap<number, NewToken>;
  /** Whether it is a tokenizer.json with a byte-level part. */
  readonly isByteLevelJson: boolean;
}

/** The members of a tokenizer that was read from other files than a tokenizer.json. */
export const noTokenizerJson = { written: new Map<number, NewToken>(), isByteLevelJson: false } as const;
