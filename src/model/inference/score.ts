import { openScope } from "../../device/device-scope.js";
import type { DeviceBuffer } from "../../device/kernels.js";
import { allocateBatch, allocateLayer, type BatchBuffers, type LayerActivations } from "../layers/activations.js";
import { forward, predictedEnd } from "../layers/forward.js";
import { allocatePredictedRows } from "../layers/predicted-rows.js";
import { attentionShape } from "../layers/layer-forward.js";
import type { Model } from "../model.js";
import { createRopeTable } from "../layers/rope-table.js";
import { checkScoreBatch, type ScoreBatch, type PrefixGroup } from "./score-batch.js";
import { writeRows } from "../layers/write-rows.js";

export interface Scores {
  /** [M] −log of the target's probability; 0 where the target is negative */
  readonly losses: Float32Array;
  /** [M] the likeliest id */
  readonly best: Int32Array;
}

/** Forward only: one set of activations, for batches of at most `maxRows` rows and `maxRows` predicted rows. */
export interface Scorer {
  /** @throws RangeError if the batch is larger; StrataError for ids outside the vocabulary */
  score(batch: ScoreBatch): Promise<Scores>;
  /** Frees the memory of the scorer, not the model. */
  close(): void;
}

export function createScorer(model: Model, maxRows: number): Scorer {
  const { config, head } = model;
  const { device, close } = openScope(model.device);
  const rows = allocateBatch(device, maxRows);
  const rope = createRopeTable(device, config, maxRows);
  const a = allocateLayer(device, config, maxRows);
  const activations = Array.from({ length: config.layers }, () => a);
  const last = allocatePredictedRows(device, config, maxRows);
  const losses = device.allocate("f32", maxRows);
  const best = device.allocate("i32", maxRows);
  return {
    async score(batch) {
      const [N, M] = [batch.ids.length, batch.rows.length];
      if (Math.max(N, M) > maxRows) throw new RangeError(`expected at most ${maxRows} rows, got ${Math.max(N, M)}`);
      checkScoreBatch(config, batch);
      writeRows(model, rows, batch.ids, batch.positions);
      device.write(rows.targets, batch.targets);
      device.write(last.rows, batch.rows);
      const attend = () => batch.groups.forEach((group) => attendGroup(model, a, rows, group));
      const x = forward(model, { N, rows, rope, activations, attend, end: predictedEnd(last, M) });
      const { hiddenSize: D, vocabSize: V } = config;
      const { targets } = rows;
      device.kernels.headLoss({ losses, best, dx: null, dw: null, x, w: head, targets, scale: 0, N: M, D, V });
      return {
        losses: Float32Array.from(await device.read(losses.slice(0, M))),
        best: Int32Array.from(await device.read(best.slice(0, M))),
      };
    },
    close,
  };
}

/**
 * The prefix and the first continuation are one causal text. Each further continuation, none of them longer, then
 * copies its keys and values to the rows after the prefix, over those of the first continuation.
 */
function attendGroup(
  model: Model,
  a: LayerActivations,
  rows: BatchBuffers,
  { start, prefix, continuations }: PrefixGroup,
): void {
  const { kernels } = model.device;
  const { attentionHeads: H, keyValueHeads: K, headDim: E } = model.config;
  const attend = (row: number, queries: number, keys: number) => {
    const part = (buffer: DeviceBuffer, from: number, count: number, width: number) =>
      buffer.slice(from * width, count * width);
    const visible = { first: rows.first.slice(row, queries), end: rows.end.slice(row, queries) };
    kernels.attention({
      out: part(a.attentionOutput, row, queries, H * E),
      logSumExp: null,
      q: part(a.query, row, queries, H * E),
      k: part(a.key, start, keys, K * E),
      v: part(a.value, start, keys, K * E),
      visible,
      shape: attentionShape(model, 1, queries, keys),
    });
  };
  const whole = prefix + (continuations[0] ?? 0);
  attend(start, whole, whole);
  let row = start + whole;
  for (const count of continuations.slice(1)) {
    if (count === 0) continue;
    for (const buffer of [a.key, a.value]) {
      const out = buffer.slice((start + prefix) * K * E, count * K * E);
      kernels.copy({ out, x: buffer.slice(row * K * E, count * K * E) });
    }
    attend(row, count, prefix + count);
    row += count;
  }
}
