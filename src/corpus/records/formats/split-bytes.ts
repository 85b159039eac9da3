import { notUtf8, type BadRecord } from "../read-record.js";
import { decodeText, maxRecordBytes, tooLong } from "./read-bytes.js";

/** The text of one record and the line of the file where it begins, from 1; or its error. */
export type RecordText = { readonly text: string; readonly line: number } | BadRecord;

/**
 * Splits a stream of UTF-8 bytes at a separator. Holds one record in memory. An empty last record is dropped. A record
 * longer than `maxRecordBytes` is bad, and the rest of it is skipped.
 */
export async function* splitBytes(
  chunks: AsyncIterable<Buffer>,
  separator: string,
  path: string,
): AsyncIterable<RecordText> {
  const mark = Buffer.from(separator);
  const shown = separator === "\n" ? "a line break" : separator;
  // `held` is the part of the record that was searched; `rest` may contain the start of a separator.
  let held: Buffer[] = [];
  let heldBytes = 0;
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  let [isFirst, isTooLong] = [true, false];
  let heldLines = 0;
  const hold = (bytes: Buffer) => {
    if (bytes.length > 0 && !isTooLong) held.push(bytes);
    heldBytes += bytes.length;
    heldLines += countLineBreaks(bytes);
  };
  const takeRecord = (): RecordText[] => {
    const text = decodeText(held.length === 1 ? held[0] : Buffer.concat(held), isFirst);
    const texts = isTooLong ? [] : [text === null ? notUtf8(`${path}:${line}`) : { text, line }];
    line += heldLines + (separator === "\n" ? 1 : 0);
    [held, heldBytes, heldLines, isFirst, isTooLong] = [[], 0, 0, false, false];
    return texts;
  };
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let at = rest.indexOf(mark); at !== -1; at = rest.indexOf(mark, start)) {
      hold(rest.subarray(start, at));
      yield* takeRecord();
      start = at + mark.length;
    }
    const end = Math.max(start, rest.length - mark.length + 1);
    hold(rest.subarray(start, end));
    rest = rest.subarray(end);
    if (heldBytes <= maxRecordBytes || isTooLong) continue;
    yield tooLong(`${path}:${line}`, `Put ${shown} between the documents.`);
    [held, isTooLong] = [[], true];
  }
  hold(rest);
  if (heldBytes > 0) yield* takeRecord();
}

export function countLineBreaks(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
