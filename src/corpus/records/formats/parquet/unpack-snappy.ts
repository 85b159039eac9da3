/** References reach back at most this far, because writers compress each block of 64 KiB separately. */
const windowBytes = 2 ** 16;
const bufferBytes = windowBytes + 2 ** 20;

/**
 * Decompresses snappy data of any size with about a megabyte in memory.
 *
 * @throws Error if the data is damaged
 * @see https://github.com/google/snappy/blob/main/format_description.txt
 */
export function* unpackSnappy(packed: Iterable<Uint8Array>): Iterable<Uint8Array> {
  const chunks = packed[Symbol.iterator]();
  let input: Uint8Array = new Uint8Array();
  let at = 0;
  // The latest output: [0, flushed) was yielded, [flushed, filled) was not yet.
  const output = new Uint8Array(bufferBytes);
  let [flushed, filled] = [0, 0];
  const refill = (minBytes: number): void => {
    while (input.length - at < minBytes) {
      const { value, done } = chunks.next();
      if (done) return;
      input = Buffer.concat([input.subarray(at), value]);
      at = 0;
    }
  };
  const readNumber = (bytes: number): number => {
    let value = 0;
    for (let i = 0; i < bytes; i++) value += input[at++] * 2 ** (8 * i);
    return value;
  };
  const flush = (): Uint8Array => {
    const ready = output.slice(flushed, filled);
    const kept = Math.min(filled, windowBytes);
    output.copyWithin(0, filled - kept, filled);
    flushed = filled = kept;
    return ready;
  };

  refill(5);
  while (input[at++] >= 0x80); // skip the decompressed length, which the page's header has too
  for (;;) {
    if (input.length - at < 5) refill(5);
    if (at >= input.length) break;
    const tag = input[at++];
    const kind = tag & 3;
    if (kind === 0) {
      let left = 1 + (tag >> 2 < 60 ? tag >> 2 : readNumber((tag >> 2) - 59));
      while (left > 0) {
        if (at === input.length) refill(1);
        if (filled === output.length) yield flush();
        const count = Math.min(left, input.length - at, output.length - filled);
        if (!(count > 0)) throw new Error("a truncated snappy block");
        output.set(input.subarray(at, at + count), filled);
        at += count;
        filled += count;
        left -= count;
      }
      continue;
    }
    const length = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
    const offset =
      kind === 1 ? ((tag >> 5) << 8) | input[at++] : kind === 2 ? input[at++] | (input[at++] << 8) : readNumber(4);
    if (filled + length > output.length) yield flush();
    if (!(offset > 0 && offset <= filled)) throw new Error("a snappy block with a reference outside of 64 KiB");
    for (const end = filled + length; filled < end; filled++) output[filled] = output[filled - offset];
  }
  yield flush();
}
