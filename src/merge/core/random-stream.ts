/** Mersenne Twister outputs of `torch.manual_seed` on the CPU. */
export interface RandomStream {
  /** The next `count` outputs of 32 bits. */
  next(count: number): Uint32Array;
  /** Goes on without the next `count` outputs. */
  skip(count: number): void;
  /** A stream that goes on from here by itself, so that the same numbers can be read twice. */
  copy(): RandomStream;
}
