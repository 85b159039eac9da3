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
  // What was searched of the piece, and behind it the bytes that may begin a separator that goes on in the next chunk.
  let held: Buffer[] = [];
  let heldBytes = 0;
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  let isFirst = true;
  const hold = (bytes: Buffer) => {
    if (bytes.length > 0) held.push(bytes);
    heldBytes += bytes.length;
  };
  const takePiece = (): TextPiece => {
    const bytes = held.length === 1 ? held[0] : Buffer.concat(held);
    const piece = { text: decodeText(bytes, isFirst), line };
    line += lineBreaks(bytes) + (separator === "\n" ? 1 : 0);
    [held, heldBytes, isFirst] = [[], 0, false];
    return piece;
  };
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let at = rest.indexOf(mark); at !== -1; at = rest.indexOf(mark, start)) {
      hold(rest.subarray(start, at));
      yield takePiece();
      start = at + mark.length;
    }
    const end = Math.max(start, rest.length - mark.length + 1);
    hold(rest.subarray(start, end));
    rest = rest.subarray(end);
    if (heldBytes > longestRecord) throw tooLong(`${path}:${line}`, shown);
  }
  hold(rest);
  if (heldBytes > 0) yield takePiece();
}

function lineBreaks(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
