import type { RandomStream } from "../core/random-stream.js";

/** A stream that counts the outputs it has given, so that a merge can go on from there. */
export interface CountedStream extends RandomStream {
  readonly count: number;
}

/** @param start  outputs to leave out at the beginning */
export function countedStream(stream: RandomStream, start = 0): CountedStream {
  let count = start;
  return {
    get count() {
      return count;
    },
    next(amount) {
      count += amount;
      return stream.next(amount);
    },
    copy: () => stream.copy(),
  };
}
