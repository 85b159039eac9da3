/**
 * Parses the frame headers of a zstd stream and reports the window size of each frame.
 *
 * @returns a function that takes the stream in chunks of any length; it ignores data that is not a frame
 * @see https://www.rfc-editor.org/rfc/rfc8878#name-frames
 */
export function followZstdWindows(onWindow: (bytes: number) => void): (chunk: Uint8Array) => void {
  let held: Buffer = Buffer.alloc(0);
  let [left, inFrame, checksumBytes] = [0, false, 0];
  /** Parses the header at the start of `bytes`; `follow` bytes of content come after it. Null if it is incomplete. */
  const readHeader = (bytes: Buffer): { readonly length: number; readonly follow: number } | null => {
    if (inFrame) {
      if (bytes.length < 3) return null;
      const block = bytes.readUIntLE(0, 3);
      inFrame = (block & 1) === 0;
      return { length: 3, follow: (((block >> 1) & 3) === repeated ? 1 : block >> 3) + (inFrame ? 0 : checksumBytes) };
    }
    if (bytes.length < 8) return null;
    if (bytes.readUInt32LE(0) >> 4 === skippable) return { length: 8, follow: bytes.readUInt32LE(4) };
    if (bytes.readUInt32LE(0) !== zstdMagic) return { length: 0, follow: Infinity };
    const frame = readFrame(bytes);
    if (frame === null) return null;
    onWindow(frame.window);
    [inFrame, checksumBytes] = [true, frame.checksumBytes];
    return { length: frame.length, follow: 0 };
  };
  return (chunk) => {
    const bytes = Buffer.concat([held, chunk]);
    let at = 0;
    for (;;) {
      const passed = Math.min(left, bytes.length - at);
      [at, left] = [at + passed, left - passed];
      const header = left > 0 || at === bytes.length ? null : readHeader(bytes.subarray(at));
      if (header === null) break;
      [at, left] = [at + header.length, header.follow];
    }
    held = Buffer.from(bytes.subarray(at));
  };
}

/** The first four bytes of a frame, as a little-endian number. */
export const zstdMagic = 0xfd2fb528;
const skippable = 0x184d2a5;
/** Block type RLE: one repeated byte. */
const repeated = 1;

/** Parses a frame header. Null if it is incomplete. */
function readFrame(
  bytes: Buffer,
): { readonly length: number; readonly window: number; readonly checksumBytes: number } | null {
  const [descriptor, windowDescriptor] = bytes.subarray(4, 6);
  const isSingle = (descriptor & 0x20) !== 0;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6];
  const sizeAt = (isSingle ? 5 : 6) + [0, 1, 2, 4][descriptor & 3];
  if (bytes.length < sizeAt + sizeBytes) return null;
  // A single segment is its own window.
  const size =
    sizeBytes === 8 ? Number(bytes.readBigUInt64LE(sizeAt)) : sizeBytes > 0 ? bytes.readUIntLE(sizeAt, sizeBytes) : 0;
  const window = isSingle ? size : 2 ** (10 + (windowDescriptor >> 3)) * (1 + (windowDescriptor & 7) / 8);
  return { length: sizeAt + sizeBytes, window, checksumBytes: (descriptor & 4) === 0 ? 0 : 4 };
}
