import { decodeText, longestRecord, tooLong } from "./read-bytes.js";

/** Text between two separators. */
export interface TextPiece {
  /** Null if it is not UTF-8. */
  readonly text: string | null;
  /** Line of the file in which it begins, from 1. */
  readonly line: number;
}

/** Splits a stream of UTF-8 bytes at a separator, holding one piece at a time. An empty last piece is left out. */
export async function* splitBytes(chunks: AsyncIterable<Buffer>, separator: string, path: string): AsyncIterable<TextPiece> {
  const mark = Buffer.from(separator);
  const shown = separator === "\n" ? "a line break" : separator;
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  let isFirst = true;
  const pieceOf = (bytes: Buffer): TextPiece => {
    const piece = { text: decodeText(bytes, isFirst), line };
    isFirst = false;
    line += lineBreaks(bytes) + (separator === "\n" ? 1 : 0);
    return piece;
  };
  for await (const chunk of chunks) {
    // A separator may lie across the border: look again at the last bytes of what was held.
    let searched = Math.max(0, rest.length - mark.length + 1);
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let at = rest.indexOf(mark, searched); at !== -1; at = rest.indexOf(mark, searched)) {
      yield pieceOf(rest.subarray(start, at));
      searched = start = at + mark.length;
    }
    rest = rest.subarray(start);
    if (rest.length > longestRecord) throw tooLong(`${path}:${line}`, shown);
  }
  if (rest.length > 0) yield pieceOf(rest);
}

function lineBreaks(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
