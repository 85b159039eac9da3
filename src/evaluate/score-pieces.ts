import type { Batch } from "../model/batch.js";
import { packPieces } from "./pack.js";
import type { Piece } from "./pieces.js";

/** Forward passes over batches; `createScorer` of the model gives one. */
export interface BatchScorer {
  score(batch: Batch): Promise<{ readonly losses: Float32Array; readonly best: Int32Array }>;
}

export interface PieceScore {
  /** Σ log p of the predicted tokens. */
  readonly logLikelihood: number;
  /** Each predicted token is the likeliest in its place. */
  readonly isGreedy: boolean;
}

/**
 * Scores every piece, in the order given. The result does not depend on T and `maximumRows` beyond rounding.
 *
 * @param T  positions of a sequence, at least the length of the longest piece
 */
export async function scorePieces(
  scorer: BatchScorer, pieces: readonly Piece[], T: number, maximumRows: number, onProgress: (done: number) => void = () => {},
): Promise<PieceScore[]> {
  const scores: PieceScore[] = Array.from({ length: pieces.length });
  const width = Math.min(T, pieces.reduce((sum, { inputs }) => sum + inputs.length, 0));
  let done = 0;
  for (const { batch, placed } of packPieces(pieces, width, maximumRows)) {
    const { losses, best } = await scorer.score(batch);
    for (const { piece, row } of placed) scores[piece] = scoreOf(pieces[piece], row, losses, best);
    onProgress((done += placed.length));
  }
  return scores;
}

function scoreOf({ inputs, predicted }: Piece, row: number, losses: Float32Array, best: Int32Array): PieceScore {
  const first = row + inputs.length - predicted.length;
  let sum = 0;
  let isGreedy = true;
  predicted.forEach((id, i) => {
    sum += losses[first + i];
    isGreedy &&= best[first + i] === id;
  });
  return { logLikelihood: -sum, isGreedy };
}
