/** References reach no further back: writers pack blocks of 64 KiB each by itself. */
const windowBytes = 2 ** 16;
const bufferBytes = windowBytes + 2 ** 20;

/**
 * Unpacks a snappy block of any size, holding a megabyte of it.
 *
 * @throws Error if it is damaged
 * @see https://github.com/google/snappy/blob/main/format_description.txt
 */
export function* unpackSnappy(packed: Iterable<Uint8Array>): Iterable<Uint8Array> {
  const pieces = packed[Symbol.iterator]();
  let input: Uint8Array = new Uint8Array();
  let at = 0;
  // What was unpacked lately: [0, given) was given, [given, filled) is yet to be.
  const output = new Uint8Array(bufferBytes);
  let [given, filled] = [0, 0];
  const refill = (least: number): void => {
    while (input.length - at < least) {
      const { value, done } = pieces.next();
      if (done) return;
      input = Buffer.concat([input.subarray(at), value]);
      at = 0;
    }
  };
  const number = (bytes: number): number => {
    let value = 0;
    for (let i = 0; i < bytes; i++) value += input[at++] * 2 ** (8 * i);
    return value;
  };
  const give = (): Uint8Array => {
    const ready = output.slice(given, filled);
    const kept = Math.min(filled, windowBytes);
    output.copyWithin(0, filled - kept, filled);
    given = filled = kept;
    return ready;
  };

  refill(5);
  while (input[at++] >= 0x80); // the unpacked length, which the page's header has too
  for (;;) {
    if (input.length - at < 5) refill(5);
    if (at >= input.length) break;
    const tag = input[at++];
    const kind = tag & 3;
    if (kind === 0) {
      let left = 1 + (tag >> 2 < 60 ? tag >> 2 : number((tag >> 2) - 59));
      while (left > 0) {
        if (at === input.length) refill(1);
        if (filled === output.length) yield give();
        const count = Math.min(left, input.length - at, output.length - filled);
        if (!(count > 0)) throw new Error("a snappy block that is cut off");
        output.set(input.subarray(at, at + count), filled);
        at += count;
        filled += count;
        left -= count;
      }
      continue;
    }
    const length = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
    const offset =
      kind === 1 ? ((tag >> 5) << 8) | input[at++] : kind === 2 ? input[at++] | (input[at++] << 8) : number(4);
    if (filled + length > output.length) yield give();
    if (!(offset > 0 && offset <= filled)) throw new Error("a snappy block with a reference outside of 64 KiB");
    for (const end = filled + length; filled < end; filled++) output[filled] = output[filled - offset];
  }
  yield give();
}
