import { DamagedFile, notUtf8 } from "../../read-record.js";
import { decodeText, maxRecordBytes, tooLong } from "../read-bytes.js";
import { countLineBreaks } from "../split-bytes.js";
import type { ByteWindow } from "./byte-window.js";
import type { JsonText } from "./json-text.js";

const [quote, backslash, comma, lineBreak] = [34, 92, 44, 10];
const [openList, closeList, openObject, closeObject] = [91, 93, 123, 125];

/** How the scan of an element ended: at a comma or bracket, at the next value, or at the end of the bytes. */
type End = "separator" | "nextValue" | "incomplete";

/**
 * Splits a JSON array, which begins at the window's start, into the texts of its elements, which are not parsed. Holds
 * one element in memory; an element longer than `maxRecordBytes` is bad. The array ends before a line that begins with
 * a value but follows an element without a comma: it is a line with a surplus bracket.
 *
 * @throws DamagedFile if the array has no end
 */
export async function* splitArray(window: ByteWindow, path: string, isFirst: boolean): AsyncIterable<JsonText> {
  window.drop(1);
  let scan = elementScanner();
  let isTooLong = false;
  let scanned = 0;
  for (let elements = 0; ;) {
    const bytes = window.rest();
    const [end, at] = scan(bytes, scanned);
    if (end !== "incomplete") {
      const element = isTooLong ? null : takeElement(window, at, path, isFirst && end === "separator");
      if (isTooLong) window.drop(at);
      if (end === "nextValue") {
        if (element !== null) yield "text" in element ? { ...element, parsed: null } : element;
        return;
      }
      const isLast = bytes[at] === closeList;
      const isEmpty = isLast && elements === 0 && element !== null && "text" in element && element.text === "";
      if (element !== null && !isEmpty) yield element;
      window.drop(1);
      if (isLast) return;
      [scan, scanned, isTooLong] = [elementScanner(), 0, false];
      elements++;
      continue;
    }
    if (bytes.length > maxRecordBytes && !isTooLong) {
      const line = window.line() + countLineBreaks(bytes.subarray(0, leadingSpace(bytes)));
      yield tooLong(`${path}:${line}`, "Put a comma between the documents.");
      isTooLong = true;
    }
    if (isTooLong) window.drop(bytes.length);
    scanned = isTooLong ? 0 : bytes.length;
    if (!(await window.more())) throw endless(`${path}:${window.line() + countLineBreaks(window.rest())}`);
  }
}

/** Returns a function that continues the scan of one element with the bytes from `from`. */
function elementScanner(): (bytes: Uint8Array, from: number) => readonly [end: End, at: number] {
  let depth = 0;
  let [inString, isEscaped, isComplete, isNewLine] = [false, false, false, false];
  return (bytes, from) => {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at];
      if (isComplete && byte === lineBreak) isNewLine = true;
      if (isNewLine && (byte === openObject || byte === openList)) return ["nextValue", at];
      if (inString) {
        if (isEscaped) isEscaped = false;
        else if (byte === backslash) isEscaped = true;
        else if (byte === quote) [inString, isComplete] = [false, depth === 0];
      } else if (byte === quote) inString = true;
      else if (depth === 0 && (byte === comma || byte === closeList)) return ["separator", at];
      else if (byte === openList || byte === openObject) depth++;
      else if (byte === closeList || byte === closeObject) isComplete = --depth === 0;
    }
    return ["incomplete", bytes.length];
  };
}

function endless(where: string): DamagedFile {
  return new DamagedFile(where, "] at the end of the array", "the end of the file", {
    hint: "The file is damaged or truncated: copy or download it again.",
  });
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
