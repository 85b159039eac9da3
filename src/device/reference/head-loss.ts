import type { FloatArray } from "../../tensor/dtype.js";
import type { Kernels } from "../kernels.js";
import { floats, integers, type Operand } from "./memory.js";

/** logits[v] = x[row] · w[v]; returns the argmax, the lowest index of ties. */
function rowLogits(logits: Float64Array, x: FloatArray, w: FloatArray, row: number, D: number): number {
  let best = 0;
  for (let v = 0; v < logits.length; v++) {
    let sum = 0;
    for (let d = 0; d < D; d++) sum += x[row * D + d] * w[v * D + d];
    logits[v] = sum;
    if (sum > logits[best]) best = v;
  }
  return best;
}

export const head = (operand: Operand): Pick<Kernels, "headLoss"> => ({
  // logits = x · wᵀ, loss = log Σ exp(logits) − logits[target].
  // So dLogits = scale · (softmax(logits) − onehot(target)), dx = dLogits · w and dw += dLogitsᵀ · x.
  headLoss({ losses, best, dx, dw, x, w, targets, scale, N, D, V }) {
    const [loss, input, weight, target] = [floats(losses), operand(x), operand(w), integers(targets)];
    const argmax = best && integers(best);
    const dInput = dx && floats(dx);
    const dWeight = dw && floats(dw);
    const logits = new Float64Array(V);
    const sums = new Float64Array(D);
    for (let n = 0; n < N; n++) {
      const ignored = target[n] < 0;
      sums.fill(0);
      if (!ignored || argmax) {
        const largest = rowLogits(logits, input, weight, n, D);
        if (argmax) argmax[n] = largest;
        const maximum = logits[largest];
        let sum = 0;
        for (let v = 0; v < V; v++) sum += Math.exp(logits[v] - maximum);
        const logSumExp = maximum + Math.log(sum);
        loss[n] = ignored ? 0 : logSumExp - logits[target[n]];
        if (dInput && !ignored) {
          for (let v = 0; v < V; v++) {
            const g = scale * (Math.exp(logits[v] - logSumExp) - (v === target[n] ? 1 : 0));
            for (let d = 0; d < D; d++) sums[d] += g * weight[v * D + d];
            if (dWeight) for (let d = 0; d < D; d++) dWeight[v * D + d] += g * input[n * D + d];
          }
        }
      } else loss[n] = 0;
      if (dInput) for (let d = 0; d < D; d++) dInput[n * D + d] = sums[d];
    }
  },
});
