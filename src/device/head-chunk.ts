/**
 * Rows per chunk of logits in `headLoss`: 56 to 512, about 256 MB of logits at most. The head's weights are packed for
 * each chunk, so larger chunks are faster. A function of V only, because dw is summed chunk by chunk.
 */
export function headChunkRows(V: number): number {
  return Math.max(56, Math.min(512, Math.floor(67108864 / V)));
}
