import type { RandomStream } from "../core/random-stream.js";

/** A stream that counts the outputs it has given, so that a merge can resume there. */
export interface CountedStream extends RandomStream {
  readonly count: number;
}

export function countedStream(stream: RandomStream): CountedStream {
  let count = 0;
  return {
    get count() {
      return count;
    },
    next(amount, out) {
      count += amount;
      return stream.next(amount, out);
    },
    skip(amount) {
      count += amount;
      stream.skip(amount);
    },
    copy: () => stream.copy(),
  };
}
