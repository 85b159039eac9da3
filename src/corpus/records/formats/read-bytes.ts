import { isUtf8 } from "node:buffer";
import { createReadStream, type ReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { StrataError } from "../../../errors/strata-error.js";
import { maxPointerBytes, refuseLfsPointer } from "../../../files/lfs-pointer.js";
import { readStart } from "../../../files/read-start.js";
import { DamagedFile, type BadRecord } from "../read-record.js";
import { refuseOtherContent } from "./other-content.js";
import { unpackZstd } from "./unpack-zstd.js";
import { zstdMagic } from "./zstd-windows.js";

/** The longest record in bytes. A record is held in memory, and encoding it takes up to 30 times as much. */
export const maxRecordBytes = 6 * 1024 * 1024;

const chunkBytes = 1 << 18;

/**
 * Reads a file in chunks, decompressed if its name ends in `.gz` or `.zst`, or if it begins as such a file.
 *
 * @param onBytes  called with the bytes of the (compressed) file that were read since the last call
 * @throws DamagedFile if compressed data is damaged or truncated, or the file is certainly not text in UTF-8
 * @throws StrataError if the file cannot be read, or is a Git LFS pointer or one in compressed form
 */
export async function* readBytes(path: string, onBytes: (count: number) => void = () => {}): AsyncIterable<Buffer> {
  const start = readStart(path, maxPointerBytes);
  refuseLfsPointer(path, start);
  const file = createReadStream(path, { highWaterMark: chunkBytes });
  let reported = 0;
  let isStart = true;
  const report = () => {
    onBytes(file.bytesRead - reported);
    reported = file.bytesRead;
  };
  try {
    for await (const chunk of unpacked(path, start, file)) {
      report();
      if (isStart) {
        refuseLfsPointer(path, chunk);
        refuseOtherContent(path, chunk);
      }
      isStart = false;
      yield chunk;
    }
    report();
  } catch (error) {
    throw readingError(path, error);
  } finally {
    file.destroy();
  }
}

function unpacked(path: string, start: Buffer, file: ReadStream): AsyncIterable<Buffer> {
  const compression = compressionBy(path, start);
  if (compression === "zstd") return unpackZstd(path, file);
  // `pipeline` requires the callback; errors reach the reader through the last stream.
  return compression === "gzip" ? pipeline(file, createGunzip({ chunkSize: chunkBytes }), () => {}) : file;
}

/** How `readBytes` decompresses a file. */
export function compressionOf(path: string): "gzip" | "zstd" | null {
  return compressionBy(path, readStart(path, maxPointerBytes));
}

function compressionBy(path: string, start: Buffer): "gzip" | "zstd" | null {
  const name = path.toLowerCase();
  if (name.endsWith(".zst") || (start.length >= 4 && start.readUInt32LE() === zstdMagic)) return "zstd";
  return name.endsWith(".gz") || (start[0] === 0x1f && start[1] === 0x8b) ? "gzip" : null;
}

function readingError(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (typeof code !== "string" || error instanceof StrataError) return error;
  if (code.startsWith("Z_")) {
    return new DamagedFile(path, "a complete gzip file", code === "Z_BUF_ERROR" ? "a truncated one" : "damaged data", {
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

/** Decodes UTF-8, without a byte order mark at the start of the file. @returns null if the bytes are not UTF-8 */
export function decodeText(bytes: Buffer, isStartOfFile: boolean): string | null {
  if (!isUtf8(bytes)) return null;
  const text = bytes.toString("utf8");
  return isStartOfFile && text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** The error of a record that is not read because it is too long. */
export function tooLong(where: string, hint: string): BadRecord {
  const parts = { where, expected: `a document of at most ${maxRecordBytes / 2 ** 20} MiB`, got: "a longer one", hint };
  return { error: new StrataError("CorpusError", parts) };
}
