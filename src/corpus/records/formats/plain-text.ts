import type { FileOptions, ReadRecord } from "../read-record.js";
import { readBytes } from "./read-bytes.js";
import { splitBytes } from "./split-bytes.js";

/** Separates the documents of a `.txt` file, unless another separator is given. */
export const documentSeparator = "<|endoftext|>";

/** Documents between separators, without the line breaks around them, each as `{ text }`; empty ones are left out. */
export async function* readPlainText(
  path: string,
  { skip, onBytes, separator = documentSeparator }: FileOptions,
): AsyncIterable<ReadRecord> {
  let count = 0;
  for await (const piece of splitBytes(readBytes(path, onBytes), separator, path)) {
    if ("error" in piece) {
      if (count++ >= skip) yield piece;
      continue;
    }
    const text = piece.text.replace(/^[\r\n]+/, "").replace(/[\r\n]+$/, "");
    if (text.trim() === "" || count++ < skip) continue;
    const skipped = piece.text.slice(0, piece.text.indexOf(text)).split("\n").length - 1;
    yield { record: { text }, where: `${path}:${piece.line + skipped}` };
  }
}
