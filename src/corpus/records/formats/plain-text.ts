import type { FileOptions, ReadRecord } from "../read-record.js";
import { readBytes } from "./read-bytes.js";
import { splitBytes } from "./split-bytes.js";

/** Separates the documents of a `.txt` file, unless another separator is given. */
export const documentSeparator = "<|endoftext|>";

/** Yields the documents between separators as `{ text }`, without surrounding line breaks; empty ones are skipped. */
export async function* readPlainText(
  path: string,
  { skip, onBytes, separator = documentSeparator }: FileOptions,
): AsyncIterable<ReadRecord> {
  let count = 0;
  for await (const document of splitBytes(readBytes(path, onBytes), separator, path)) {
    if ("error" in document) {
      if (count++ >= skip) yield document;
      continue;
    }
    const text = document.text.replace(/^[\r\n]+/, "").replace(/[\r\n]+$/, "");
    if (text.trim() === "" || count++ < skip) continue;
    const skipped = document.text.slice(0, document.text.indexOf(text)).split("\n").length - 1;
    yield { record: { text }, where: `${path}:${document.line + skipped}` };
  }
}
