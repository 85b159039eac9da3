import { DamagedFile } from "../read-record.js";
import { followZstdWindows } from "./zstd-windows.js";

/**
 * fzstd gives wrong bytes where a reference goes back 64 MiB or more, and holds as much as a file's window. zstd refers
 * back 8 MiB at most, unless it is told to go further.
 */
const largestWindow = 60 * 2 ** 20;

/** Follows zstd data that go by. @throws DamagedFile if they cannot be unpacked in bounded memory */
export function checkZstdWindows(where: string, hint: string): (piece: Uint8Array) => void {
  return followZstdWindows((window) => {
    if (window <= largestWindow) return;
    const [most, got] = [largestWindow, window].map((bytes) => `${Math.ceil(bytes / 2 ** 20)} MiB`);
    throw new DamagedFile(where, `zstd data with a window of at most ${most}`, `one of ${got}`, { hint });
  });
}

/** Unpacks zstd frames, one after the other. @throws DamagedFile */
export async function* unpackZstd(path: string, packed: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const { Decompress, ZstdErrorCode } = await import("fzstd");
  const ready: Buffer[] = [];
  const stream = new Decompress((piece) => {
    if (piece.length > 0) ready.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
  });
  const push = (chunk: Uint8Array, isLast: boolean) => {
    try {
      stream.push(chunk, isLast);
    } catch (error) {
      const { code, message } = error as { code?: number; message: string };
      const got = code === ZstdErrorCode.UnexpectedEOF ? "one that is cut off" : `damaged data (${message})`;
      throw new DamagedFile(path, "a whole zstd file", got, { cause: error });
    }
  };
  const check = checkZstdWindows(
    path,
    "Pack them once more without `--long` and `--ultra`: `zstd -dc --long=31 OLD | zstd -o NEW`.",
  );
  for await (const chunk of packed) {
    check(chunk);
    push(chunk, false);
    yield* ready.splice(0);
  }
  push(new Uint8Array(), true);
  yield* ready.splice(0);
}
