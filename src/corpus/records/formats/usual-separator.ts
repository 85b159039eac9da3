import { documentSeparator } from "./plain-text.js";
import { readBytes } from "./read-bytes.js";

/** The start of a file in which a separator must occur to be found. */
const searchedBytes = 2 ** 20;

/** In this order; blank lines of text from Windows have carriage returns. */
const candidates = [documentSeparator, "\r\n\r\n", "\n\n", "\n"];

/**
 * The separator of `.txt` files if a recipe does not set one: `documentSeparator`. A single file without it has a
 * document per paragraph, or per line if it has no blank line.
 *
 * @throws StrataError if the file cannot be read; DamagedFile if it is compressed and damaged
 */
export async function usualSeparator(paths: readonly string[]): Promise<string> {
  const [path] = paths;
  if (paths.length !== 1 || !/\.txt(\.gz|\.zst)?$/i.test(path)) return documentSeparator;
  const start = await unpackedStart(path);
  return candidates.find((candidate) => start.includes(candidate)) ?? documentSeparator;
}

/** The first bytes of the text, unpacked. */
async function unpackedStart(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of readBytes(path)) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= searchedBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, searchedBytes);
}
