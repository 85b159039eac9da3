import { DamagedFile, notUtf8 } from "../../read-record.js";
import { decodeText, maxRecordBytes, tooLong } from "../read-bytes.js";
import { countLineBreaks } from "../split-bytes.js";
import type { ByteWindow } from "./byte-window.js";
import type { JsonText } from "./json-text.js";

const [quote, backslash, comma] = [34, 92, 44];
const [openList, closeList, openObject, closeObject] = [91, 93, 123, 125];

/**
 * Splits a JSON array, which begins at the window's start, into the texts of its elements, which are not parsed. Holds
 * one element in memory; an element longer than `maxRecordBytes` is bad.
 *
 * @throws DamagedFile if the array has no end
 */
export async function* splitArray(window: ByteWindow, path: string, isFirst: boolean): AsyncIterable<JsonText> {
  window.drop(1);
  let [at, depth, elements] = [0, 0, 0];
  let [inString, isEscaped, isTooLong] = [false, false, false];
  for (;;) {
    const bytes = window.rest();
    let end = -1;
    for (; at < bytes.length && end === -1; at++) {
      const byte = bytes[at];
      if (inString) {
        if (isEscaped) isEscaped = false;
        else if (byte === backslash) isEscaped = true;
        else if (byte === quote) inString = false;
      } else if (byte === quote) inString = true;
      else if (depth === 0 && (byte === comma || byte === closeList)) end = at;
      else if (byte === openList || byte === openObject) depth++;
      else if (byte === closeList || byte === closeObject) depth--;
    }
    if (end !== -1) {
      const isLast = bytes[end] === closeList;
      const element = isTooLong ? null : takeElement(window, end, path, isFirst);
      if (element !== null && !(isLast && elements === 0 && "text" in element && element.text === "")) yield element;
      window.drop(isTooLong ? end + 1 : 1);
      if (isLast) return;
      [at, isTooLong] = [0, false];
      elements++;
      continue;
    }
    if (bytes.length > maxRecordBytes && !isTooLong) {
      const line = window.line() + countLineBreaks(bytes.subarray(0, leadingSpace(bytes)));
      yield tooLong(`${path}:${line}`, "Put a comma between the documents.");
      isTooLong = true;
    }
    if (isTooLong) {
      window.drop(bytes.length);
      at = 0;
    }
    if (await window.more()) continue;
    const line = window.line() + countLineBreaks(window.rest());
    throw new DamagedFile(`${path}:${line}`, "] at the end of the array", "the end of the file", {
      hint: "The file is damaged or truncated: copy or download it again.",
    });
  }
}

/** Drops the bytes of an element; those of a skipped one were dropped before. */
function takeElement(window: ByteWindow, end: number, path: string, isFirst: boolean): JsonText {
  const space = leadingSpace(window.rest().subarray(0, end));
  window.drop(space);
  const line = window.line();
  const length = end - space;
  const text = length > maxRecordBytes ? "" : decodeText(window.rest().subarray(0, length), false);
  window.drop(length);
  if (length > maxRecordBytes) return tooLong(`${path}:${line}`, "Put a comma between the documents.");
  return text === null ? notUtf8(`${path}:${line}`) : { text: text.trimEnd(), line, isElement: isFirst };
}

function leadingSpace(bytes: Buffer): number {
  let count = 0;
  while (count < bytes.length && [32, 9, 10, 13].includes(bytes[count])) count++;
  return count;
}
