import { openScoreJournal } from "../../src/evaluate/output/score-journal.js";
import type { BatchScorer, RequestScore, ScoringOptions } from "../../src/evaluate/request/score-requests.js";

const vocabulary = 11;

/**
 * The model of the recorded scores: logits[i][v] = 2·sin(0.3·id[i] + 0.7·v + 0.11·i), with i counted from the first
 * visible position. So a request at wrong positions, or in a wrong window, would have another score.
 */
export const formulaScorer: BatchScorer = {
  score({ ids, positions, rows, targets }) {
    const losses = new Float32Array(rows.length);
    const best = new Int32Array(rows.length);
    rows.forEach((row, m) => {
      const logits = Array.from(
        { length: vocabulary },
        (_, v) => 2 * Math.sin(0.3 * ids[row] + 0.7 * v + 0.11 * positions[row]),
      );
      const logSumExp = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
      best[m] = logits.indexOf(Math.max(...logits));
      losses[m] = logSumExp - logits[targets[m]];
    });
    return Promise.resolve({ losses, best });
  },
};

/** Options for scoring with it, with an empty journal and no progress. */
export function formulaOptions(maxRows: number): ScoringOptions {
  const journal = openScoreJournal(null).task<RequestScore>("formula");
  return { scorerFor: () => formulaScorer, maxRows, journal, between: async () => {}, onProgress: () => {} };
}
