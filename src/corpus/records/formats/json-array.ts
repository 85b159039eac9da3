import { DamagedFile, notUtf8 } from "../read-record.js";
import { decodeText, maxRecordBytes, tooLong } from "./read-bytes.js";
import type { RecordText } from "./split-bytes.js";

const [quote, backslash, comma, lineBreak] = [34, 92, 44, 10];
const [openList, closeList, openObject, closeObject] = [91, 93, 123, 125];
const isSpace = (byte: number) => byte === 32 || byte === 9 || byte === 10 || byte === 13;

/**
 * Splits a JSON array into the texts of its elements, which are not parsed. Holds one element in memory; an element
 * longer than `maxRecordBytes` is bad.
 */
export async function* splitArray(chunks: AsyncIterable<Buffer>, path: string): AsyncIterable<RecordText> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let depth = 0;
  let [inString, isEscaped, isEnded, isTooLong] = [false, false, false, false];
  let [line, elementLine, elements] = [1, 0, 0];
  const takeElement = (): RecordText[] => {
    const begin = elementLine || line;
    const text = decodeText(Buffer.concat(held), false);
    const texts = isTooLong ? [] : [text === null ? notUtf8(`${path}:${begin}`) : { text, line: begin }];
    [held, heldBytes, elementLine, isTooLong] = [[], 0, 0, false];
    elements++;
    return texts;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i];
      if (byte === lineBreak) line++;
      if (inString) {
        if (isEscaped) isEscaped = false;
        else if (byte === backslash) isEscaped = true;
        else if (byte === quote) inString = false;
        continue;
      }
      if (isSpace(byte)) continue;
      if (isEnded) throw broken(`${path}:${line}`, "nothing after the array", "more text");
      if (depth === 1 && (byte === comma || byte === closeList)) {
        held.push(chunk.subarray(start, i));
        start = i + 1;
        isEnded = byte === closeList;
        if (isEnded && elements === 0 && elementLine === 0) held = [];
        else yield* takeElement();
        continue;
      }
      if (depth === 0) start = i + 1;
      else elementLine ||= line;
      if (byte === quote) inString = true;
      else if (byte === openList || byte === openObject) depth++;
      else if (byte === closeList || byte === closeObject) depth--;
    }
    if (isEnded) continue;
    if (!isTooLong) held.push(chunk.subarray(start));
    heldBytes += chunk.length - start;
    if (heldBytes <= maxRecordBytes || isTooLong) continue;
    yield tooLong(`${path}:${elementLine || line}`, "Put a comma between the documents.");
    [held, isTooLong] = [[], true];
  }
  if (!isEnded) throw broken(`${path}:${line}`, "] at the end of the array", "the end of the file");
}

function broken(where: string, expected: string, got: string): DamagedFile {
  return new DamagedFile(where, expected, got, {
    hint: "The file is damaged or truncated: copy or download it again.",
  });
}
