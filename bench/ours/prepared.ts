/** A work that is set up and warm. */
export interface Prepared {
  /** Does the work once; returns the units done. */
  run(): Promise<number>;
  readonly proof: readonly number[];
}
