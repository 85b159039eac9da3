import type { ScoreBatch } from "../../model/inference/score-batch.js";
import { plantTrees, type Group, type Placed } from "./pack-shared-prefixes.js";
import type { Piece } from "./requests.js";
import type { TaskJournal } from "../output/score-journal.js";

/** Forward passes over batches; `createScorer` of the model gives one. */
export interface BatchScorer {
  score(batch: ScoreBatch): Promise<{ readonly losses: Float32Array; readonly best: Int32Array }>;
}

export interface PieceScore {
  /** Σ log p of the predicted tokens. */
  readonly logLikelihood: number;
  /** Each predicted token is the likeliest in its place. */
  readonly isGreedy: boolean;
}

export interface ScoringOptions {
  /** A scorer for batches of at least so many rows and predictions. */
  readonly scorerFor: (rows: number) => BatchScorer;
  readonly maximumRows: number;
  /** What is known already, and what takes the scores of each batch as it is done. */
  readonly journal: TaskJournal<PieceScore>;
  readonly between: () => Promise<void>;
  /** Counts pieces. */
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Scores the pieces of all groups, in the order given. A score does not depend on the other groups nor on `maximumRows`
 * beyond rounding, and on the threads not at all; a batch that the journal knows is not computed again.
 */
export async function scorePieces(groups: readonly Group[], options: ScoringOptions): Promise<PieceScore[]> {
  const { scorerFor, maximumRows, journal, between, onProgress } = options;
  const pieces = groups.flat();
  const scores: PieceScore[] = Array.from({ length: pieces.length });
  const batches = plantTrees(groups, maximumRows);
  const most = batches.reduce((rows, { batch }) => Math.max(rows, batch.ids.length, batch.rows.length), 0);
  let done = 0;
  for (const { batch, placed } of batches) {
    if (!placed.every(({ piece }) => journal.known.has(piece))) {
      const { losses, best } = await scorerFor(most).score(batch);
      journal.add(placed.map((place) => [place.piece, scoreOf(pieces[place.piece], place, losses, best)]));
      await between();
    }
    for (const { piece } of placed) scores[piece] = journal.known.get(piece) as PieceScore;
    onProgress((done += placed.length), pieces.length);
  }
  return scores;
}

function scoreOf({ predicted }: Piece, { first }: Placed, losses: Float32Array, best: Int32Array): PieceScore {
  let sum = 0;
  let isGreedy = true;
  predicted.forEach((id, i) => {
    sum += losses[first + i];
    isGreedy &&= best[first + i] === id;
  });
  return { logLikelihood: -sum, isGreedy };
}
