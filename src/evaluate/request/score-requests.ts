import type { ScoreBatch } from "../../model/inference/score-batch.js";
import { packSharedPrefixes, type RequestGroup, type Placed } from "./pack-shared-prefixes.js";
import type { Request } from "./requests.js";
import type { TaskJournal } from "../output/score-journal.js";

/** Forward passes over batches; `createScorer` of the model gives one. */
export interface BatchScorer {
  score(batch: ScoreBatch): Promise<{ readonly losses: Float32Array; readonly best: Int32Array }>;
}

export interface RequestScore {
  /** Σ log p of the predicted tokens. */
  readonly logLikelihood: number;
  /** Each predicted token is the likeliest in its place. */
  readonly isGreedy: boolean;
}

export interface ScoringOptions {
  /** A scorer for batches of at least so many rows and predictions. */
  readonly scorerFor: (rows: number) => BatchScorer;
  readonly maxRows: number;
  /** What is known already, and what takes the scores of each batch as it is done. */
  readonly journal: TaskJournal<RequestScore>;
  readonly between: () => Promise<void>;
  /** Counts requests. */
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Scores the requests of all groups, in the order given. A score does not depend on the other groups nor on `maxRows`
 * beyond rounding, and on the threads not at all; a batch that the journal knows is not computed again.
 */
export async function scoreRequests(groups: readonly RequestGroup[], options: ScoringOptions): Promise<RequestScore[]> {
  const { scorerFor, maxRows, journal, between, onProgress } = options;
  const requests = groups.flat();
  const scores: RequestScore[] = Array.from({ length: requests.length });
  const batches = packSharedPrefixes(groups, maxRows);
  const most = batches.reduce((rows, { batch }) => Math.max(rows, batch.ids.length, batch.rows.length), 0);
  let done = 0;
  for (const { batch, placed } of batches) {
    if (!placed.every(({ request }) => journal.known.has(request))) {
      const { losses, best } = await scorerFor(most).score(batch);
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
