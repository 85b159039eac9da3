import { DamagedFile } from "../read-record.js";
import { followZstdWindows } from "./zstd-windows.js";

/**
 * fzstd returns wrong bytes for references of 64 MiB or more, and allocates a buffer of the window size. By default
 * zstd uses a window of at most 8 MiB.
 */
const maxWindow = 60 * 2 ** 20;

/** Checks the windows of zstd data. @throws DamagedFile if decompressing it would need too much memory */
export function checkZstdWindows(where: string, hint: string): (chunk: Uint8Array) => void {
  return followZstdWindows((window) => {
    if (window <= maxWindow) return;
    const [max, got] = [maxWindow, window].map((bytes) => `${Math.ceil(bytes / 2 ** 20)} MiB`);
    throw new DamagedFile(where, `zstd data with a window of at most ${max}`, `one of ${got}`, { hint });
  });
}

/** Decompresses a stream of zstd frames. @throws DamagedFile if the data is damaged or truncated */
export async function* unpackZstd(path: string, packed: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const { Decompress, ZstdErrorCode } = await import("fzstd");
  const ready: Buffer[] = [];
  const stream = new Decompress((chunk) => {
    if (chunk.length > 0) ready.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  });
  const push = (chunk: Uint8Array, isLast: boolean) => {
    try {
      stream.push(chunk, isLast);
    } catch (error) {
      const { code, message } = error as { code?: number; message: string };
      const got = code === ZstdErrorCode.UnexpectedEOF ? "a truncated one" : `damaged data (${message})`;
      throw new DamagedFile(path, "a complete zstd file", got, { cause: error });
    }
  };
  const check = checkZstdWindows(
    path,
    "Compress the file again without `--long` and `--ultra`: `zstd -dc --long=31 OLD | zstd -o NEW`.",
  );
  for await (const chunk of packed) {
    check(chunk);
    push(chunk, false);
    yield* ready.splice(0);
  }
  push(new Uint8Array(), true);
  yield* ready.splice(0);
}
