import { DamagedFile, notUtf8 } from "../read-record.js";
import { decodeText, longestRecord, tooLong } from "./read-bytes.js";
import type { TextPiece } from "./split-bytes.js";

const [quote, backslash, comma, lineBreak] = [34, 92, 44, 10];
const [openList, closeList, openObject, closeObject] = [91, 93, 123, 125];
const isSpace = (byte: number) => byte === 32 || byte === 9 || byte === 10 || byte === 13;

/** Splits a JSON array into the texts of its elements, holding one at a time; the elements are not checked. One longer than `longestRecord` is bad. */
export async function* splitArray(chunks: AsyncIterable<Buffer>, path: string): AsyncIterable<TextPiece> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let depth = 0;
  let [inText, isEscaped, isEnded, isTooLong] = [false, false, false, false];
  let [line, elementLine, elements] = [1, 0, 0];
  const element = (): TextPiece[] => {
    const begin = elementLine || line;
    const text = decodeText(Buffer.concat(held), false);
    const pieces = isTooLong ? [] : [text === null ? notUtf8(`${path}:${begin}`) : { text, line: begin }];
    [held, heldBytes, elementLine, isTooLong] = [[], 0, 0, false];
    elements++;
    return pieces;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i];
      if (byte === lineBreak) line++;
      if (inText) {
        if (isEscaped) isEscaped = false;
        else if (byte === backslash) isEscaped = true;
        else if (byte === quote) inText = false;
        continue;
      }
      if (isSpace(byte)) continue;
      if (isEnded) throw broken(`${path}:${line}`, "nothing after the array", "more text");
      if (depth === 1 && (byte === comma || byte === closeList)) {
        held.push(chunk.subarray(start, i));
        start = i + 1;
        isEnded = byte === closeList;
        if (isEnded && elements === 0 && elementLine === 0) held = [];
        else yield* element();
        continue;
      }
      if (depth === 0) start = i + 1;
      else elementLine ||= line;
      if (byte === quote) inText = true;
      else if (byte === openList || byte === openObject) depth++;
      else if (byte === closeList || byte === closeObject) depth--;
    }
    if (isEnded) continue;
    if (!isTooLong) held.push(chunk.subarray(start));
    heldBytes += chunk.length - start;
    if (heldBytes <= longestRecord || isTooLong) continue;
    yield tooLong(`${path}:${elementLine || line}`, "Put a comma between the documents.");
    [held, isTooLong] = [[], true];
  }
  if (!isEnded) throw broken(`${path}:${line}`, "] at the end of the array", "the end of the file");
}

function broken(where: string, expected: string, got: string): DamagedFile {
  return new DamagedFile(where, expected, got, {
    hint: "The file is damaged or cut off: copy or download it once more.",
  });
}
