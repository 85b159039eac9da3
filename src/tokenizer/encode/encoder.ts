import type { IdList } from "./id-list.js";
import { createPieceCache } from "./piece-cache.js";
import type { TokenizerFile } from "../format/tokenizer-file.js";

/** Pieces longer than this are rare and seldom come back. */
const longestKept = 48;

/** Encodes text without added tokens; appends to `ids`. Remembers the ids of pieces it has met. */
export function createEncoder({
  cutText,
  scanPiece,
  encodePiece,
}: Pick<TokenizerFile, "cutText" | "scanPiece" | "encodePiece">): (
  text: string,
  isStart: boolean,
  ids: IdList,
) => void {
  const known = createPieceCache();
  const encode = (text: string, start: number, end: number, ids: IdList): void => {
    if (end - start > longestKept) {
      ids.append(encodePiece(text.slice(start, end)));
      return;
    }
    const entry = known.find(text, start, end);
    known.append(entry < 0 ? known.add(text, start, end, encodePiece(text.slice(start, end))) : entry, ids);
  };
  if (scanPiece === null) {
    return (text, isStart, ids) => {
      for (const piece of cutText(text, isStart)) encode(piece, 0, piece.length, ids);
    };
  }
  return (text, _isStart, ids) => {
    for (let start = 0, end = 0; start < text.length; start = end) {
      end = scanPiece(text, start);
      encode(text, start, end, ids);
    }
  };
}
