import type { ScoreBatch } from "../../model/inference/score-batch.js";
import { packSharedPrefixes, type RequestGroup, type Placed } from "./pack-shared-prefixes.js";
import type { Request } from "./requests.js";
import type { TaskJournal } from "../output/score-journal.js";

/** Runs the forward pass of a batch, like the result of `createScorer`. */
export interface BatchScorer {
  score(batch: ScoreBatch): Promise<{ readonly losses: Float32Array; readonly best: Int32Array }>;
}

export interface RequestScore {
  /** Σ log p of the predicted tokens. */
  readonly logLikelihood: number;
  /** Whether each predicted token is the most likely one at its position. */
  readonly isGreedy: boolean;
}

export interface ScoringOptions {
  /** Returns a scorer for batches of up to `rows` rows and predictions. */
  readonly scorerFor: (rows: number) => BatchScorer;
  readonly maxRows: number;
  /** Has the scores of earlier runs, and receives those of each finished batch. */
  readonly journal: TaskJournal<RequestScore>;
  /** Runs after each batch. */
  readonly between: () => Promise<void>;
  /** Counts requests. */
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Scores the requests of all groups, in order. Other groups and `maxRows` change a score only by rounding; the number
 * of threads does not change it. A batch whose requests are all in the journal is not computed again.
 */
export async function scoreRequests(groups: readonly RequestGroup[], options: ScoringOptions): Promise<RequestScore[]> {
  const { scorerFor, maxRows, journal, between, onProgress } = options;
  const requests = groups.flat();
  const scores: RequestScore[] = Array.from({ length: requests.length });
  const batches = packSharedPrefixes(groups, maxRows);
  const maxBatchRows = batches.reduce((rows, { batch }) => Math.max(rows, batch.ids.length, batch.rows.length), 0);
  let done = 0;
  for (const { batch, placed } of batches) {
    if (!placed.every(({ request }) => journal.known.has(request))) {
      const { losses, best } = await scorerFor(maxBatchRows).score(batch);
      journal.add(placed.map((place) => [place.request, scoreOf(requests[place.request], place, losses, best)]));
      await between();
    }
    for (const { request } of placed) scores[request] = journal.known.get(request) as RequestScore;
    onProgress((done += placed.length), requests.length);
  }
  return scores;
}

function scoreOf({ predicted }: Request, { first }: Placed, losses: Float32Array, best: Int32Array): RequestScore {
  let sum = 0;
  let isGreedy = true;
  predicted.forEach((id, i) => {
    sum += losses[first + i];
    isGreedy &&= best[first + i] === id;
  });
  return { logLikelihood: -sum, isGreedy };
}
