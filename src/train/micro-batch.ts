/** Rows (sequences × positions) of one pass; more rows do not make training faster: see docs/performance.md. */
const efficientRows = 2048;

/** The largest divisor of `batchSize` whose sequences have at most `efficientRows` tokens; at least 1. */
export function defaultMicroBatch(batchSize: number, sequenceLength: number): number {
  for (let sequences = Math.min(batchSize, Math.floor(efficientRows / sequenceLength)); sequences > 1; sequences--) {
    if (batchSize % sequences === 0) return sequences;
  }
  return 1;
}
