import type { DeviceBuffer } from "../device/kernels.js";
import { allocateBatch, allocateLayer, type BatchBuffers, type LayerActivations } from "./activations.js";
import { afterAttention, attentionInputs, attentionShape, firstInWindow } from "./forward.js";
import { allocateLastRows, finishRows } from "./last-rows.js";
import { weightOf, type Model } from "./model.js";
import { embeddingName } from "./parameters.js";
import { createRopeTable } from "./rope-table.js";
import { checkScoreBatch, type ScoreBatch, type Tree } from "./score-batch.js";

export interface Scores {
  /** [M] −log of the target's probability; 0 where the target is negative */
  readonly losses: Float32Array;
  /** [M] the likeliest id */
  readonly best: Int32Array;
}

/** Forward only; one set of activations for batches of up to `maximumRows` rows and as many predictions. */
export interface Scorer {
  /** @throws RangeError if the batch has more of either; StrataError for ids outside the vocabulary */
  score(batch: ScoreBatch): Promise<Scores>;
}

export function createScorer(model: Model, maximumRows: number): Scorer {
  const { device, config, head } = model;
  const { kernels } = device;
  const { layers, width: D, vocabularySize: V } = config;
  const rows = allocateBatch(device, maximumRows);
  const rope = createRopeTable(device, config, maximumRows);
  const a = allocateLayer(device, config, maximumRows);
  const last = allocateLastRows(model, maximumRows);
  const losses = device.allocate("f32", maximumRows);
  const best = device.allocate("i32", maximumRows);
  return {
    async score(batch) {
      const [N, M] = [batch.ids.length, batch.rows.length];
      if (Math.max(N, M) > maximumRows)
        throw new RangeError(`at most ${maximumRows} rows are expected, not ${Math.max(N, M)}`);
      checkScoreBatch(config, batch);
      device.write(rows.ids, batch.ids);
      device.write(rows.positions, batch.positions);
      device.write(
        rows.first,
        batch.positions.map((position) => firstInWindow(config, 0, position)),
      );
      device.write(
        rows.end,
        batch.positions.map((position) => position + 1),
      );
      device.write(rows.targets, batch.targets);
      device.write(last.rows, batch.rows);
      kernels.embed(a.input, weightOf(model, embeddingName), rows.ids, N, D);
      for (let layer = 0; layer < layers; layer++) {
        attentionInputs(model, layer, a, rows.positions, rope, N);
        for (const tree of batch.trees) attendTree(model, a, rows, tree);
        if (layer + 1 < layers) afterAttention(model, layer, a, a.input, N);
      }
      kernels.headLoss(losses, best, null, null, finishRows(model, a, last, M), head, rows.targets, 0, M, D, V);
      return {
        losses: Float32Array.from(await device.read(losses.slice(0, M))),
        best: Int32Array.from(await device.read(best.slice(0, M))),
      };
    },
  };
}

/**
 * Trunk and first ending are one causal text. Each further ending, none longer, puts its keys and values behind the trunk,
 * over those of the first, which have been used.
 */
function attendTree(model: Model, a: LayerActivations, rows: BatchBuffers, { start, trunk, endings }: Tree): void {
  const { kernels } = model.device;
  const { queryHeads: H, keyValueHeads: K, headWidth: E } = model.config;
  const attend = (row: number, queries: number, keys: number) => {
    const part = (buffer: DeviceBuffer, from: number, count: number, width: number) =>
      buffer.slice(from * width, count * width);
    const visible = { first: rows.first.slice(row, queries), end: rows.end.slice(row, queries) };
    kernels.attention(
      part(a.attended, row, queries, H * E),
      null,
      part(a.query, row, queries, H * E),
      part(a.key, start, keys, K * E),
      part(a.value, start, keys, K * E),
      visible,
      attentionShape(model, 1, queries, keys),
    );
  };
  const whole = trunk + (endings[0] ?? 0);
  attend(start, whole, whole);
  let row = start + whole;
  for (const count of endings.slice(1)) {
    if (count === 0) continue;
    for (const buffer of [a.key, a.value]) {
      kernels.copy(buffer.slice((start + trunk) * K * E, count * K * E), buffer.slice(row * K * E, count * K * E));
    }
    attend(row, count, trunk + count);
    row += count;
  }
}
