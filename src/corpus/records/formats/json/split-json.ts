import { notUtf8 } from "../../read-record.js";
import { decodeText, maxRecordBytes, tooLong } from "../read-bytes.js";
import { openByteWindow, type ByteWindow } from "./byte-window.js";
import { splitArray } from "./json-array.js";
import { parseJson, type JsonText } from "./json-text.js";
import { createValueScanner, incomplete, invalid, type ValueScanner } from "./scan-value.js";

const [lineBreak, openList, openObject, byteOrderMark] = [10, 91, 123, 0xef];

/**
 * Splits JSON into the texts of its records: values one after another, in one line or several, with or without
 * whitespace between them; the elements of arrays are records. A broken record ends with its line, or, if it is in
 * several lines, before the next line that begins with a value. Holds one record in memory.
 *
 * @throws DamagedFile if an array has no end
 */
export async function* splitJson(chunks: AsyncIterable<Buffer>, path: string): AsyncIterable<JsonText> {
  const window = openByteWindow(chunks);
  for (let isFirst = true; ; isFirst = false) {
    while (!window.dropSpace()) if (!(await window.more()) && !window.dropSpace()) return;
    let end = window.lineEnd();
    while (end === -1 && window.rest().length <= maxRecordBytes) {
      const isMore = await window.more();
      end = isMore ? window.lineEnd() : window.rest().length;
    }
    const line = window.line();
    const bytes = window.rest().subarray(0, end === -1 || end > maxRecordBytes ? 0 : end);
    const text = bytes.length === 0 ? null : decodeText(bytes, false);
    const parsed = text === null ? null : parseJson(text);
    if (text !== null && parsed !== null && !isListOfRecords(parsed.value)) {
      window.drop(end);
      yield { text, line, parsed };
      continue;
    }
    const [first] = window.rest();
    const isList = first === openList && (bytes.length === 0 || parsed !== null || startsValue(bytes));
    if (isList) yield* splitArray(window, path, isFirst);
    else if (first === openObject && (bytes.length === 0 || text !== null)) yield await takeObject(window, path);
    else {
      if (bytes.length === 0) yield tooLong(`${path}:${line}`, "Put a line break between the documents.");
      else if (text === null) yield notUtf8(`${path}:${line}`);
      else if (text.trim() !== "") yield { text, line, parsed: null };
      await window.dropLine();
    }
  }
}

/** Whether the elements of a list are records: objects, or strings that are texts. An empty list has none. */
function isListOfRecords(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const isRecord = (element: unknown) =>
    typeof element === "string" || (typeof element === "object" && element !== null && !Array.isArray(element));
  return value.length === 0 || value.some(isRecord);
}

function startsValue(bytes: Buffer): boolean {
  return createValueScanner().scan(bytes, 0) !== invalid;
}

/** Takes an object that is not alone in its line. */
async function takeObject(window: ByteWindow, path: string): Promise<JsonText> {
  const line = window.line();
  const scanner = createValueScanner();
  let scanned = 0;
  let end: number;
  while ((end = scanner.scan(window.rest(), scanned)) === incomplete) {
    scanned = window.rest().length;
    if (scanned > maxRecordBytes) break;
    if (!(await window.more())) end = invalid;
    if (end === invalid) break;
  }
  if (end === incomplete || end > maxRecordBytes) {
    if (end === incomplete) end = await skipValue(window, scanner);
    if (end === invalid) await dropBroken(window);
    else window.drop(end);
    return tooLong(`${path}:${line}`, "Put a line break between the documents.");
  }
  if (end !== invalid && (await isFollowedByValue(window, end))) {
    const text = decodeText(window.rest().subarray(0, end), false);
    window.drop(end);
    return text === null ? notUtf8(`${path}:${line}`) : { text, line };
  }
  const firstBreak = window.rest().indexOf(lineBreak);
  const firstLine = window.rest().subarray(0, firstBreak === -1 ? undefined : firstBreak);
  const text = decodeText(firstLine, false);
  const isInFirstLine = firstBreak === -1 || (end === invalid && scanner.stoppedAt() <= firstBreak);
  if (isInFirstLine) await window.dropLine();
  else await dropBroken(window);
  return text === null ? notUtf8(`${path}:${line}`) : { text, line, parsed: null };
}

/** Drops a value without holding it. @returns the position after it, or `invalid` */
async function skipValue(window: ByteWindow, scanner: ValueScanner): Promise<number> {
  for (let end = incomplete; ;) {
    window.drop(window.rest().length);
    if (!(await window.more())) return invalid;
    end = scanner.scan(window.rest(), 0);
    if (end !== incomplete) return end;
  }
}

/** Drops the line and those after it up to one that begins with a value. */
async function dropBroken(window: ByteWindow): Promise<void> {
  for (;;) {
    await window.dropLine();
    if (window.rest().length === 0 && !(await window.more())) return;
    const [first] = window.rest();
    if (first === openObject || first === openList) return;
  }
}

/** Whether only values follow in the line. */
async function isFollowedByValue(window: ByteWindow, end: number): Promise<boolean> {
  for (let at = end; ; at++) {
    if (at === window.rest().length && !(await window.more())) return true;
    const byte = window.rest()[at];
    if (byte === 32 || byte === 9 || byte === 13) continue;
    return byte === lineBreak || byte === openObject || byte === openList || byte === byteOrderMark;
  }
}
