import { bytesToUnicode, toCharacters } from "./bytes-to-unicode.js";
import { byteTokensOf, listByteTokens } from "./byte-tokens.js";
import type { EncodePreToken } from "./encode-pre-token.js";
import { IdList } from "./id-list.js";
import { mergeSymbols } from "./merge-symbols.js";
import { createPairTable } from "./pair-table.js";

export interface BpeModel {
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Ids [left, right, result] of each merge, in the order of merge ranks. */
  readonly merges: Int32Array;
  /** Whether the vocabulary is in the characters of `bytesToUnicode`: the symbols of a text are its bytes. */
  readonly isByteLevel: boolean;
  /** Whether a pre-token that is in the vocabulary becomes that token without merging. */
  readonly ignoreMerges: boolean;
  /** Whether a character outside the vocabulary becomes its byte tokens `<0x..>`. */
  readonly byteFallback: boolean;
  /** The id of any other unknown character; null drops such characters. */
  readonly unknownId: number | null;
  /** Whether consecutive unknown characters become one token. */
  readonly fuseUnknown: boolean;
}

export function createBpe(model: BpeModel): EncodePreToken {
  const { vocabulary, isByteLevel, ignoreMerges } = model;
  const pairs = createPairTable(model.merges);
  const listSymbols = symbolLister(model);
  const longest = lengthOfLongest(vocabulary);
  return (preToken) => {
    const bytes = isByteLevel ? Buffer.from(preToken, "utf8") : null;
    const mayBeToken = ignoreMerges && (bytes ?? preToken).length <= longest;
    const whole = mayBeToken ? vocabulary.get(bytes ? toCharacters(bytes) : preToken) : undefined;
    return whole === undefined ? mergeSymbols(listSymbols(preToken, bytes), pairs) : Int32Array.of(whole);
  };
}

function lengthOfLongest(vocabulary: ReadonlyMap<string, number>): number {
  let longest = 0;
  for (const token of vocabulary.keys()) longest = Math.max(longest, token.length);
  return longest;
}

function symbolLister(model: BpeModel): (preToken: string, bytes: Uint8Array | null) => Int32Array {
  const idOfByte = bytesToUnicode.map((character) => model.vocabulary.get(character));
  const ofCharacters = characterLister(model);
  if (!model.isByteLevel) return (preToken) => ofCharacters(preToken.toWellFormed());
  if (idOfByte.includes(undefined)) return (_, bytes) => ofCharacters(toCharacters(bytes as Uint8Array));
  const ids = Int32Array.from(idOfByte as number[]);
  return (_, bytes) => new Int32Array(bytes as Uint8Array).map((byte) => ids[byte]);
}

/**
 * As in `tokenizers`, the token of an unknown character is emitted just before the next known character, after any byte
 * tokens between the two.
 */
function characterLister({ vocabulary, byteFallback, unknownId, fuseUnknown }: BpeModel): (text: string) => Int32Array {
  const byteTokens = listByteTokens(vocabulary);
  return (text) => {
    const ids = new IdList();
    let isUnknownPending = false;
    for (const character of text) {
      const id = vocabulary.get(character);
      const bytes = id === undefined && byteFallback ? byteTokensOf(character, byteTokens) : null;
      if (bytes) ids.append(bytes);
      else if (id !== undefined || !fuseUnknown) {
        if (isUnknownPending && unknownId !== null) ids.push(unknownId);
        isUnknownPending = false;
      }
      if (id !== undefined) ids.push(id);
      else if (!bytes) isUnknownPending = true;
    }
    if (isUnknownPending && unknownId !== null) ids.push(unknownId);
    return ids.slice();
  };
}
