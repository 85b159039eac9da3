/** Bytes that come in pieces, taken in runs of any length. Each call throws an Error if they end before. */
export interface ByteReader {
  /** The next `count` bytes. */
  take(count: number): Uint8Array;
  /** The next four as a whole number, the lowest first. */
  takeLength(): number;
  skip(count: number): void;
}

export function createByteReader(pieces: Iterable<Uint8Array>): ByteReader {
  const rest = pieces[Symbol.iterator]();
  let piece: Uint8Array = new Uint8Array();
  let at = 0;
  /** Up to `most` bytes, at least one. */
  const some = (most: number): Uint8Array => {
    while (at === piece.length) {
      const { value, done } = rest.next();
      if (done) throw new Error("a page that is cut off");
      [piece, at] = [value, 0];
    }
    const own = piece.subarray(at, at + most);
    at += own.length;
    return own;
  };
  const take = (count: number): Uint8Array => {
    if (count <= piece.length - at) return piece.subarray(at, (at += count));
    const bytes = new Uint8Array(count);
    for (let filled = 0; filled < count;) {
      const own = some(count - filled);
      bytes.set(own, filled);
      filled += own.length;
    }
    return bytes;
  };
  return {
    take,
    takeLength() {
      const [a, b, c, d] = take(4);
      return a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24;
    },
    skip(count) {
      for (let left = count; left > 0;) left -= some(left).length;
    },
  };
}
