import { isUtf8 } from "node:buffer";
import { createReadStream, type ReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { StrataError } from "../../../errors/strata-error.js";
import { DamagedFile, type BadRecord } from "../read-record.js";
import { unpackZstd } from "./unpack-zstd.js";

/** No document or record may be longer than this many bytes: it is held in memory, and up to 30 times as much to encode it. */
export const longestRecord = 6 * 1024 * 1024;

const chunkBytes = 1 << 18;

/**
 * The bytes of a file in pieces, unpacked if its name ends in `.gz` or `.zst`.
 *
 * @param onBytes  takes the bytes of the file, packed, that were read since the last call
 * @throws DamagedFile if packed data are damaged or cut off
 * @throws StrataError if it cannot be read
 */
export async function* readBytes(path: string, onBytes: (count: number) => void = () => {}): AsyncIterable<Buffer> {
  const file = createReadStream(path, { highWaterMark: chunkBytes });
  let told = 0;
  const tell = () => {
    onBytes(file.bytesRead - told);
    told = file.bytesRead;
  };
  try {
    for await (const piece of unpacked(path, file)) {
      tell();
      yield piece;
    }
    tell();
  } catch (error) {
    throw readingError(path, error);
  } finally {
    file.destroy();
  }
}

function unpacked(path: string, file: ReadStream): AsyncIterable<Buffer> {
  if (path.endsWith(".zst")) return unpackZstd(path, file);
  // The callback is there because errors reach the reader through the last stream.
  return path.endsWith(".gz") ? pipeline(file, createGunzip({ chunkSize: chunkBytes }), () => {}) : file;
}

function readingError(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (typeof code !== "string" || error instanceof StrataError) return error;
  if (code.startsWith("Z_")) {
    return new DamagedFile(path, "a whole gzip file", code === "Z_BUF_ERROR" ? "one that is cut off" : "damaged data", {
      cause: error,
    });
  }
  return new StrataError(
    "CorpusError",
    {
      where: path,
      expected: "a readable file",
      got: code,
      hint: "Check the path, its permissions and the disk.",
    },
    { cause: error },
  );
}

/** UTF-8 bytes as text, null if they are not UTF-8; a byte order mark at the start of the file is dropped. */
export function decodeText(bytes: Buffer, isStartOfFile: boolean): string | null {
  if (!isUtf8(bytes)) return null;
  const text = bytes.toString("utf8");
  return isStartOfFile && text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** What stands in the place of a record that is not read because it is too long. */
export function tooLong(where: string, hint: string): BadRecord {
  const parts = { where, expected: `a document of at most ${longestRecord / 2 ** 20} MiB`, got: "a longer one", hint };
  return { error: new StrataError("CorpusError", parts) };
}
