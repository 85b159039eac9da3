import { letterOfByte, toLetters } from "./byte-letters.js";
import { cutText } from "./cut.js";
import { mergeSymbols } from "./merge-symbols.js";
import { createPairTable } from "./pair-table.js";
import type { TokenizerFile } from "./tokenizer-file.js";

/** Pieces longer than this are rare and seldom come back. */
const longestKept = 48;
const mostKept = 200_000;

/** Encodes text without added tokens; appends to `ids`. Remembers the ids of pieces it has met. */
export function createEncoder(file: TokenizerFile): (text: string, ids: number[]) => void {
  const { vocabulary, cuts } = file;
  const idOfByte = Int32Array.from(letterOfByte, (letter) => vocabulary.get(letter) as number);
  const pairs = createPairTable(file.merges);
  const known = new Map<string, Int32Array>();

  const encodePiece = (piece: string): Int32Array => {
    const bytes = Buffer.from(piece, "utf8");
    const whole = file.ignoreMerges ? vocabulary.get(toLetters(bytes)) : undefined;
    if (whole !== undefined) return Int32Array.of(whole);
    return mergeSymbols(Int32Array.from(bytes, (byte) => idOfByte[byte]), pairs);
  };
  return (text, ids) => {
    for (const piece of cutText(text, cuts)) {
      let found = known.get(piece);
      if (found === undefined) {
        found = encodePiece(piece);
        if (known.size >= mostKept) known.clear();
        if (piece.length <= longestKept) known.set(piece, found);
      }
      for (let i = 0; i < found.length; i++) ids.push(found[i]);
    }
  };
}
