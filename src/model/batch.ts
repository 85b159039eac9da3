/** B packed sequences of T positions, N = B·T rows. */
export interface Batch {
  readonly B: number;
  readonly T: number;
  /** [N] */
  readonly ids: Int32Array;
  /** [N] the id to predict at each position; negative where nothing is predicted */
  readonly targets: Int32Array;
  /** [N] the first position of its sequence that a position may see: the start of its document */
  readonly firstVisible: Int32Array;
}
