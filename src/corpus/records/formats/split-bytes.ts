import { notUtf8, type BadRecord } from "../read-record.js";
import { decodeText, longestRecord, tooLong } from "./read-bytes.js";

/** Text between two separators, and the line of the file in which it begins, from 1; or what is wrong with it. */
export type TextPiece = { readonly text: string; readonly line: number } | BadRecord;

/**
 * Splits a stream of UTF-8 bytes at a separator, holding one piece at a time. An empty last piece is left out. One that is
 * longer than `longestRecord` is bad, and the rest of it is passed over.
 */
export async function* splitBytes(
  chunks: AsyncIterable<Buffer>,
  separator: string,
  path: string,
): AsyncIterable<TextPiece> {
  const mark = Buffer.from(separator);
  const shown = separator === "\n" ? "a line break" : separator;
  // What was searched of the piece, and behind it the bytes that may begin a separator that goes on in the next chunk.
  let held: Buffer[] = [];
  let heldBytes = 0;
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  let [isFirst, isTooLong] = [true, false];
  let heldLines = 0;
  const hold = (bytes: Buffer) => {
    if (bytes.length > 0 && !isTooLong) held.push(bytes);
    heldBytes += bytes.length;
    heldLines += lineBreaks(bytes);
  };
  const takePiece = (): TextPiece[] => {
    const text = decodeText(held.length === 1 ? held[0] : Buffer.concat(held), isFirst);
    const pieces = isTooLong ? [] : [text === null ? notUtf8(`${path}:${line}`) : { text, line }];
    line += heldLines + (separator === "\n" ? 1 : 0);
    [held, heldBytes, heldLines, isFirst, isTooLong] = [[], 0, 0, false, false];
    return pieces;
  };
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let at = rest.indexOf(mark); at !== -1; at = rest.indexOf(mark, start)) {
      hold(rest.subarray(start, at));
      yield* takePiece();
      start = at + mark.length;
    }
    const end = Math.max(start, rest.length - mark.length + 1);
    hold(rest.subarray(start, end));
    rest = rest.subarray(end);
    if (heldBytes <= longestRecord || isTooLong) continue;
    yield tooLong(`${path}:${line}`, `Put ${shown} between the documents.`);
    [held, isTooLong] = [[], true];
  }
  hold(rest);
  if (heldBytes > 0) yield* takePiece();
}

function lineBreaks(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
