import type { AttentionShape, Kernels } from "../kernels.js";
import { floats, integers, roundToDType, type Operand } from "./memory.js";

/** Calls `visit` for every (row, query head) with the element offsets of its q and its sequence's first k (and v). */
function forEachQuery(shape: AttentionShape, visit: (row: number, head: number, q: number, k: number) => void): void {
  const { B, queries, keys, H, K, E } = shape;
  for (let row = 0; row < B * queries; row++) {
    const b = Math.floor(row / queries);
    for (let head = 0; head < H; head++) {
      visit(row, head, (row * H + head) * E, (b * keys * K + Math.floor((head * K) / H)) * E);
    }
  }
}

export const attention = (operand: Operand): Pick<Kernels, "attention" | "attentionBackward"> => ({
  // s = q·k/√E and p = softmax(s) over the visible keys, out = Σ p · v; logSumExp = log Σ exp(s).
  attention({ out, logSumExp, q, k, v, visible, shape }) {
    const [o, query, key, value] = [floats(out), operand(q), operand(k), operand(v)];
    const [first, end] = [integers(visible.first), integers(visible.end)];
    const lse = logSumExp && floats(logSumExp);
    const { E, K, H } = shape;
    const scale = 1 / Math.sqrt(E);
    const scores = new Float64Array(shape.keys);
    const mean = new Float64Array(E);
    forEachQuery(shape, (row, head, qAt, kAt) => {
      // 1. Scores and their maximum.
      let maximum = -Infinity;
      for (let j = first[row]; j < end[row]; j++) {
        let dot = 0;
        for (let e = 0; e < E; e++) dot += query[qAt + e] * key[kAt + j * K * E + e];
        scores[j] = dot * scale;
        if (scores[j] > maximum) maximum = scores[j];
      }
      // 2. Mean of the values, weighted with exp(s − maximum).
      let sum = 0;
      mean.fill(0);
      for (let j = first[row]; j < end[row]; j++) {
        const p = Math.exp(scores[j] - maximum);
        sum += p;
        for (let e = 0; e < E; e++) mean[e] += p * value[kAt + j * K * E + e];
      }
      for (let e = 0; e < E; e++) o[qAt + e] = mean[e] / sum;
      if (lse) lse[row * H + head] = maximum + Math.log(sum);
    });
    roundToDType(out);
  },

  // forward: s = q·k/√E, p = exp(s − logSumExp), out = Σ p · v. So dv += p · dOut, dp = dOut · v,
  // ds = p · (dp − δ) with δ = Σ p · dp = dOut · out, dq = Σ ds · k/√E and dk += ds · q/√E.
  attentionBackward({ dq, dk, dv, dOut, out, logSumExp, q, k, v, visible, shape }) {
    const [dQuery, dKey, dValue] = [floats(dq), floats(dk), floats(dv)];
    const [dy, o, lse] = [operand(dOut), floats(out), floats(logSumExp)];
    const [query, key, value] = [operand(q), operand(k), operand(v)];
    const [first, end] = [integers(visible.first), integers(visible.end)];
    const { B, keys, E, K, H } = shape;
    const scale = 1 / Math.sqrt(E);
    dKey.fill(0, 0, B * keys * K * E);
    dValue.fill(0, 0, B * keys * K * E);
    const sums = new Float64Array(E);
    forEachQuery(shape, (row, head, qAt, kAt) => {
      // 1. δ of the row.
      let delta = 0;
      for (let e = 0; e < E; e++) delta += dy[qAt + e] * o[qAt + e];
      // 2. p and ds of each visible key; their contributions to dq, dk and dv.
      sums.fill(0);
      for (let j = first[row]; j < end[row]; j++) {
        const at = kAt + j * K * E;
        let dot = 0;
        let dp = 0;
        for (let e = 0; e < E; e++) {
          dot += query[qAt + e] * key[at + e];
          dp += dy[qAt + e] * value[at + e];
        }
        const p = Math.exp(dot * scale - lse[row * H + head]);
        const ds = p * (dp - delta) * scale;
        for (let e = 0; e < E; e++) {
          sums[e] += ds * key[at + e];
          dKey[at + e] += ds * query[qAt + e];
          dValue[at + e] += p * dy[qAt + e];
        }
      }
      for (let e = 0; e < E; e++) dQuery[qAt + e] = sums[e];
    });
  },
});
