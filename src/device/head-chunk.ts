/**
 * Rows whose logits exist at a time in `headLoss`: at most 512 rows and about 256 MB, for the head's weights are packed anew
 * for each chunk, which only many rows make up for. A function of V only: the sums of dw are taken chunk by chunk.
 */
export function headChunkRows(V: number): number {
  return Math.max(56, Math.min(512, Math.floor(67108864 / V)));
}
