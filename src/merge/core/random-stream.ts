/** Mersenne Twister outputs of `torch.manual_seed` on the CPU. */
export interface RandomStream {
  /** The next `count` outputs of 32 bits; in `out` if it has this length. */
  next(count: number, out?: Uint32Array): Uint32Array;
  /** Skips the next `count` outputs. */
  skip(count: number): void;
  /** An independent stream that continues from here, so that the same numbers can be read twice. */
  copy(): RandomStream;
}

/** A stream for those who take no random numbers. @param refuse  throws */
export function refusingStream(refuse: () => never): RandomStream {
  return { next: refuse, skip: refuse, copy: refuse };
}
