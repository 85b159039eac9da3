/** Reads any number of bytes from a stream of chunks. Each call throws an Error at the end of the stream. */
export interface ByteReader {
  /** The next `count` bytes. */
  take(count: number): Uint8Array;
  /** The next four bytes as a little-endian uint32. */
  takeUint32(): number;
  skip(count: number): void;
}

export function createByteReader(chunks: Iterable<Uint8Array>): ByteReader {
  const rest = chunks[Symbol.iterator]();
  let chunk: Uint8Array = new Uint8Array();
  let at = 0;
  /** Between one and `max` bytes. */
  const takeUpTo = (max: number): Uint8Array => {
    while (at === chunk.length) {
      const { value, done } = rest.next();
      if (done) throw new Error("a truncated page");
      [chunk, at] = [value, 0];
    }
    const taken = chunk.subarray(at, at + max);
    at += taken.length;
    return taken;
  };
  const take = (count: number): Uint8Array => {
    if (count <= chunk.length - at) return chunk.subarray(at, (at += count));
    const bytes = new Uint8Array(count);
    for (let filled = 0; filled < count;) {
      const taken = takeUpTo(count - filled);
      bytes.set(taken, filled);
      filled += taken.length;
    }
    return bytes;
  };
  return {
    take,
    takeUint32() {
      const [a, b, c, d] = take(4);
      return a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24;
    },
    skip(count) {
      for (let left = count; left > 0;) left -= takeUpTo(left).length;
    },
  };
}
