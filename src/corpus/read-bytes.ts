import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { StrataError } from "../tensor/errors.js";

/** No document or record may be longer than this many bytes: it is held in memory. */
export const longestRecord = 256 * 1024 * 1024;

/**
 * The bytes of a file in pieces, unpacked if its name ends in `.gz`.
 *
 * @throws StrataError if it cannot be read, or if packed data are damaged or cut off
 */
export async function* readBytes(path: string): AsyncIterable<Buffer> {
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  // The callback is there because errors reach the loop below through the last stream.
  const stream = path.endsWith(".gz") ? pipeline(file, createGunzip({ chunkSize: 1 << 18 }), () => {}) : file;
  try {
    for await (const piece of stream) yield piece as Buffer;
  } catch (error) {
    throw readingError(path, error);
  }
}

function readingError(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined || error instanceof StrataError) return error;
  const isCut = code === "Z_BUF_ERROR";
  const isPacked = code.startsWith("Z_");
  return new StrataError("CorpusError", {
    where: path,
    expected: isPacked ? "a whole gzip file" : "a readable file",
    got: isCut ? "one that is cut off" : isPacked ? "damaged data" : code,
    hint: isPacked ? "Copy or download it once more." : "Check the path, its permissions and the disk.",
  }, { cause: error });
}

/** UTF-8 bytes as text; a byte order mark at the start of the file is dropped. */
export function decodeText(bytes: Buffer, where: string, isStartOfFile: boolean): string {
  if (!isUtf8(bytes)) {
    throw new StrataError("CorpusError", {
      where, expected: "UTF-8 text", got: "bytes that are not UTF-8", hint: "Convert the file to UTF-8, or remove this record.",
    });
  }
  const text = bytes.toString("utf8");
  return isStartOfFile && text.startsWith("\ufeff") ? text.slice(1) : text;
}

export function tooLong(where: string, separator: string): StrataError {
  return new StrataError("CorpusError", {
    where,
    expected: `a document of at most ${longestRecord / 2 ** 20} MiB`,
    got: "a longer one",
    hint: `Put ${separator} between the documents.`,
  });
}
