import type { BatchScorer } from "../../src/evaluate/score-pieces.js";

const vocabulary = 11;

/**
 * The model of the recorded scores: logits[i][v] = 2·sin(0.3·id[i] + 0.7·v + 0.11·i), with i counted from the first
 * position that is seen. So a piece that saw its neighbours, or the wrong window, would score otherwise.
 */
export const formulaScorer: BatchScorer = {
  score({ T, ids, targets, firstVisible }) {
    const losses = new Float32Array(ids.length);
    const best = new Int32Array(ids.length);
    ids.forEach((id, n) => {
      const i = (n % T) - firstVisible[n];
      const logits = Array.from({ length: vocabulary }, (_, v) => 2 * Math.sin(0.3 * id + 0.7 * v + 0.11 * i));
      const logSumExp = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
      best[n] = logits.indexOf(Math.max(...logits));
      losses[n] = targets[n] < 0 ? 0 : logSumExp - logits[targets[n]];
    });
    return Promise.resolve({ losses, best });
  },
};
