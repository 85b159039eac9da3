import { DamagedFile } from "../read-record.js";

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
  for await (const chunk of packed) {
    push(chunk, false);
    yield* ready.splice(0);
  }
  push(new Uint8Array(), true);
  yield* ready.splice(0);
}
