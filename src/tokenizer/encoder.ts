import type { CutText } from "./tokenizer-file.js";

/** The ids of a piece of text that is encoded without regard to what stands around it. */
export type EncodePiece = (piece: string) => Int32Array;

/** Pieces longer than this are rare and seldom come back. */
const longestKept = 48;
const mostKept = 200_000;

/** Encodes text without added tokens; appends to `ids`. Remembers the ids of pieces it has met. */
export function createEncoder(cutText: CutText, encodePiece: EncodePiece): (text: string, isStart: boolean, ids: number[]) => void {
  const known = new Map<string, Int32Array>();
  return (text, isStart, ids) => {
    for (const piece of cutText(text, isStart)) {
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
