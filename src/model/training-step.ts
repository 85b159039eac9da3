import type { DeviceBuffer } from "../device/kernels.js";
import { allocateBatch, allocateTraining } from "./activations.js";
import { backwardWidths, layerBackward } from "./backward.js";
import type { Batch } from "./batch.js";
import { layerActivations, layerForward, writeBatch } from "./forward.js";
import { weightOf, type Model } from "./model.js";
import { embeddingName, finalNormName, headName, lowestLayer, parameters } from "./parameters.js";
import { createRopeTable } from "./rope-table.js";
import { allocateRows } from "./row-buffers.js";

/** Forward and backward over batches of one size; all memory is taken once. */
export interface TrainingStep {
  /**
   * gradients += scale · gradient of the sum of the losses. Returns that sum over the predicted tokens.
   *
   * @param prefix  [N·D] what `prefix` gave for this batch before: the layers below the window are not computed again
   */
  run(batch: Batch, scale: number, prefix?: Float32Array | null): Promise<number>;
  /** [N·D] the residual stream that entered the lowest trained layer in the last run. */
  prefix(): Promise<Float32Array>;
}

/**
 * Layers below the lowest trained one have no backward; frozen ones above it only hand gradients down.
 *
 * @param recompute  keep one layer's activations at a time and compute them again for its backward; the same bytes
 * @throws Error if the model was loaded without a window
 */
export function createTrainingStep(model: Model, B: number, T: number, recompute = false): TrainingStep {
  const { device, config, window } = model;
  if (!window) throw new Error("a model for training is loaded with a window");
  const { kernels } = device;
  const { layers: L, width: D, vocabularySize: V, normEpsilon } = config;
  const N = B * T;
  const lowest = lowestLayer(window);
  const rows = allocateBatch(device, N);
  const rope = createRopeTable(device, config, T);
  const activations = allocateTraining(device, config, window, N, recompute);
  const [stream, dNormed, dStream] = [0, 1, 2].map(() => device.allocate("f32", N * D));
  const normed = device.allocate(device.facts.products, N * D);
  const finalRstd = device.allocate("f32", N);
  const losses = device.allocate("f32", N);
  const backward = allocateRows(device, backwardWidths(config), N);
  const head = headName(config);
  const gradient = (name: string) => model.gradients.get(name) ?? null;
  const trained = parameters(config).filter(({ name }) => model.gradients.has(name));
  /** What is trained of a layer, or outside all layers, is not needed for now. */
  const release = (layer: number | null) => {
    for (const { name } of trained.filter((parameter) => parameter.layer === layer)) {
      for (const map of [model.weights, model.gradients]) device.release(map.get(name) as DeviceBuffer);
    }
  };

  return {
    async run(batch, scale, prefix) {
      if (batch.B !== B || batch.T !== T)
        throw new RangeError(`a batch of ${B}×${T} is expected, not ${batch.B}×${batch.T}`);
      writeBatch(model, rows, batch);
      if (prefix) device.write(activations[lowest].input, prefix);
      else kernels.embed(activations[0].input, weightOf(model, embeddingName), rows.ids, N, D);
      for (let layer = prefix ? lowest : 0; layer < L; layer++) {
        const output = layer + 1 < L ? activations[layer + 1].input : stream;
        layerForward(model, layer, activations[layer], output, rows, rope, B, T);
        release(layer);
      }
      kernels.rmsNorm(normed, finalRstd, stream, weightOf(model, finalNormName), normEpsilon, N, D);
      kernels.headLoss(
        losses,
        null,
        dNormed,
        gradient(head),
        normed,
        weightOf(model, head),
        rows.targets,
        scale,
        N,
        D,
        V,
      );

      kernels.rmsNormBackward(
        dStream,
        gradient(finalNormName),
        dNormed,
        stream,
        weightOf(model, finalNormName),
        finalRstd,
        null,
        N,
        D,
      );
      release(null);
      for (let layer = L - 1; layer >= lowest; layer--) {
        // The highest layer's activations are the last ones computed.
        if (recompute && layer < L - 1) layerActivations(model, layer, activations[layer], rows, rope, B, T);
        layerBackward(model, layer, activations[layer], dStream, backward, rows, rope, B, T);
        release(layer);
      }
      const dEmbedding = gradient(embeddingName);
      if (dEmbedding) kernels.embedBackward(dEmbedding, dStream, rows.ids, N, D);
      release(null);
      let total = 0;
      for (const loss of await device.read(losses)) total += loss;
      return total;
    },
    prefix: async () => Float32Array.from(await device.read(activations[lowest].input)),
  };
}
