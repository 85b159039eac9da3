import { letterOfByte, toLetters } from "./byte-letters.js";
import { byteTokensOf, listByteTokens } from "./byte-tokens.js";
import type { EncodePiece } from "./encode-piece.js";
import { IdList } from "./id-list.js";
import { mergeSymbols } from "./merge-symbols.js";
import { createPairTable } from "./pair-table.js";

export interface BpeModel {
  readonly vocabulary: ReadonlyMap<string, number>;
  /** [left, right, result] ids, one merge after another. */
  readonly merges: Int32Array;
  /** Whether the vocabulary is written in byte letters, so that a text's symbols are its bytes rather than its characters. */
  readonly isByteLevel: boolean;
  /** Whether a piece that is a token itself becomes that token without merging. */
  readonly ignoreMerges: boolean;
  /** Whether a character outside the vocabulary becomes tokens of its bytes. */
  readonly byteFallback: boolean;
  /** What any other unknown character becomes; null leaves it out. */
  readonly unknownId: number | null;
  /** Whether unknown characters side by side become one token. */
  readonly fuseUnknown: boolean;
}

export function createBpe(model: BpeModel): EncodePiece {
  const { vocabulary, isByteLevel, ignoreMerges } = model;
  const pairs = createPairTable(model.merges);
  const listSymbols = symbolLister(model);
  const longest = lengthOfLongest(vocabulary);
  return (piece) => {
    const bytes = isByteLevel ? Buffer.from(piece, "utf8") : null;
    const mayBeToken = ignoreMerges && (bytes ?? piece).length <= longest;
    const whole = mayBeToken ? vocabulary.get(bytes ? toLetters(bytes) : piece) : undefined;
    return whole === undefined ? mergeSymbols(listSymbols(piece, bytes), pairs) : Int32Array.of(whole);
  };
}

function lengthOfLongest(vocabulary: ReadonlyMap<string, number>): number {
  let longest = 0;
  for (const token of vocabulary.keys()) longest = Math.max(longest, token.length);
  return longest;
}

function symbolLister(model: BpeModel): (piece: string, bytes: Uint8Array | null) => Int32Array {
  const idOfByte = letterOfByte.map((letter) => model.vocabulary.get(letter));
  const ofCharacters = characterLister(model);
  if (!model.isByteLevel) return (piece) => ofCharacters(piece.toWellFormed());
  if (idOfByte.includes(undefined)) return (_, bytes) => ofCharacters(toLetters(bytes as Uint8Array));
  const ids = Int32Array.from(idOfByte as number[]);
  return (_, bytes) => new Int32Array(bytes as Uint8Array).map((byte) => ids[byte]);
}

/**
 * As in `tokenizers`, an unknown character's token is put in front of the next known character, behind tokens of bytes
 * that come between the two.
 */
function characterLister({ vocabulary, byteFallback, unknownId, fuseUnknown }: BpeModel): (text: string) => Int32Array {
  const byteTokens = listByteTokens(vocabulary);
  return (text) => {
    const ids = new IdList();
    let isUnknownDue = false;
    for (const character of text) {
      const id = vocabulary.get(character);
      const bytes = id === undefined && byteFallback ? byteTokensOf(character, byteTokens) : null;
      if (bytes) ids.append(bytes);
      else if (id !== undefined || !fuseUnknown) {
        if (isUnknownDue && unknownId !== null) ids.push(unknownId);
        isUnknownDue = false;
      }
      if (id !== undefined) ids.push(id);
      else if (!bytes) isUnknownDue = true;
    }
    if (isUnknownDue && unknownId !== null) ids.push(unknownId);
    return ids.slice();
  };
}
