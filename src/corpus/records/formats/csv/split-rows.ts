import { DamagedFile, notUtf8, type BadRecord } from "../../read-record.js";
import { decodeText, maxRecordBytes, tooLong } from "../read-bytes.js";

const [quote, lineBreak, carriageReturn, space, tab] = [34, 10, 13, 32, 9];
const byteOrderMark = Buffer.from("\ufeff");

/** The text of a row without its line break, and the line where it begins, from 1; or its error. */
export type RowText = { readonly text: string; readonly line: number } | BadRecord;

/** Where the scan of a row is, as in Python's csv module. */
type State = "fieldStart" | "field" | "quoted" | "quoteInQuoted";

/**
 * Splits a table into its rows, which end at LF, CR or CR LF outside quotes; blank ones are dropped. Holds one row in
 * memory. A row longer than `maxRecordBytes` is bad.
 *
 * @param separator  one ASCII character
 * @throws DamagedFile for an unclosed quote
 */
export async function* splitRows(
  chunks: AsyncIterable<Buffer>,
  separator: string,
  path: string,
): AsyncIterable<RowText> {
  const separatorByte = separator.charCodeAt(0);
  let rest: Buffer = Buffer.alloc(0);
  let start = 0;
  let at = 0;
  let state: State = "fieldStart";
  let [isTooLong, afterReturn] = [false, false];
  let [line, rowLine] = [1, 1];
  const take = (end: number): RowText | null => {
    const bytes = rest.subarray(start, end);
    const taken = isTooLong || isBlank(bytes, separatorByte) ? null : rowOf(bytes, path, rowLine);
    [start, state, isTooLong, rowLine] = [end + 1, "fieldStart", false, line];
    return taken;
  };
  for await (const chunk of withoutByteOrderMark(chunks)) {
    rest = start === rest.length ? chunk : Buffer.concat([rest.subarray(start), chunk]);
    [start, at] = [0, at - start];
    for (; at < rest.length; at++) {
      const byte = rest[at];
      const isBreak = byte === carriageReturn || byte === lineBreak;
      if (isBreak && !(byte === lineBreak && afterReturn)) line++;
      if (isBreak && byte === lineBreak && afterReturn && start === at && !isTooLong) {
        // The second half of the CR LF that ended the last row.
        [start, rowLine] = [at + 1, line];
      } else if (isBreak && state !== "quoted") {
        const row = take(at);
        if (row !== null) yield row;
      } else state = nextState(state, byte, separatorByte);
      afterReturn = byte === carriageReturn;
    }
    if (rest.length - start <= maxRecordBytes && !isTooLong) continue;
    if (!isTooLong)
      yield tooLong(`${path}:${rowLine}`, "Put a line break between the documents, and close any open quote.");
    [isTooLong, start] = [true, rest.length];
  }
  if (state === "quoted") throw new DamagedFile(`${path}:${rowLine}`, "a closing quote", "the end of the file");
  const last = start < rest.length ? take(rest.length) : null;
  if (last !== null) yield last;
}

async function* withoutByteOrderMark(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let start: Buffer | null = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (start === null) {
      yield chunk;
      continue;
    }
    start = Buffer.concat([start, chunk]);
    if (start.length < 3) continue;
    yield start.subarray(0, 3).equals(byteOrderMark) ? start.subarray(3) : start;
    start = null;
  }
  if (start !== null) yield start;
}

function nextState(state: State, byte: number, separator: number): State {
  if (state === "quoted") return byte === quote ? "quoteInQuoted" : "quoted";
  if (byte === quote && state !== "field") return "quoted";
  return byte === separator ? "fieldStart" : "field";
}

/** Whether a row has only spaces and tabs. */
function isBlank(bytes: Buffer, separator: number): boolean {
  return bytes.every((byte) => (byte === space || byte === tab) && byte !== separator);
}

function rowOf(bytes: Buffer, path: string, line: number): RowText {
  const where = `${path}:${line}`;
  if (bytes.length > maxRecordBytes)
    return tooLong(where, "Put a line break between the documents, and close any open quote.");
  const text = decodeText(bytes, false);
  return text === null ? notUtf8(where) : { text, line };
}
