/** Rows (sequences × positions) of one pass from which on more do not make training faster: see docs/performance.md. */
const rowsThatFill = 2048;

/** The largest divisor of a step's sequences whose tokens are no more than what fills the kernels; at least 1. */
export function defaultMicroBatch(batchSize: number, sequenceLength: number): number {
  for (let sequences = Math.min(batchSize, Math.floor(rowsThatFill / sequenceLength)); sequences > 1; sequences--) {
    if (batchSize % sequences === 0) return sequences;
  }
  return 1;
}
