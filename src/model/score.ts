import { allocateBatch, allocateLayer } from "./activations.js";
import type { Batch } from "./batch.js";
import { layerForward, writeBatch } from "./forward.js";
import { weightOf, type Model } from "./model.js";
import { embeddingName, finalNormName, headName } from "./parameters.js";
import { createRopeTable } from "./rope-table.js";

export interface Scores {
  /** [N] −log of the target's probability; 0 where nothing is predicted */
  readonly losses: Float32Array;
  /** [N] the likeliest id */
  readonly best: Int32Array;
}

/** Forward only; one set of activations for batches of up to `maximumRows` rows. */
export interface Scorer {
  /** @throws RangeError if the batch has more rows */
  score(batch: Batch): Promise<Scores>;
}

export function createScorer(model: Model, maximumRows: number): Scorer {
  const { device, config } = model;
  const { kernels } = device;
  const { layers, width: D, vocabularySize: V, normEpsilon } = config;
  const rows = allocateBatch(device, maximumRows);
  const rope = createRopeTable(device, config, maximumRows);
  const a = allocateLayer(device, config, maximumRows);
  const losses = device.allocate("f32", maximumRows);
  const best = device.allocate("i32", maximumRows);
  return {
    async score(batch) {
      const N = batch.B * batch.T;
      if (N > maximumRows) throw new RangeError(`at most ${maximumRows} rows are expected, not ${N}`);
      writeBatch(model, rows, batch);
      kernels.embed(a.input, weightOf(model, embeddingName), rows.ids, N, D);
      for (let layer = 0; layer < layers; layer++) layerForward(model, layer, a, a.input, rows, rope, batch.B, batch.T);
      kernels.rmsNorm(a.middle, a.attentionRstd, a.input, weightOf(model, finalNormName), normEpsilon, N, D);
      kernels.headLoss(losses, best, null, null, a.middle, weightOf(model, headName(config)), rows.targets, 0, N, D, V);
      return {
        losses: Float32Array.from(await device.read(losses.slice(0, N))),
        best: Int32Array.from(await device.read(best.slice(0, N))),
      };
    },
  };
}
