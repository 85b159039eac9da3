import { openScope } from "../../device/device-scope.js";
import type { DeviceBuffer } from "../../device/kernels.js";
import { allocateBatch, allocateTraining } from "../layers/activations.js";
import { backwardWidths, layerBackward } from "../layers/backward.js";
import type { Batch } from "../layers/batch.js";
import { forward, layerAttention, type Attend, type ForwardPass } from "../layers/forward.js";
import { attentionShape, feedForwardInputs } from "../layers/layer-forward.js";
import { weightOf, type Model } from "../model.js";
import { embeddingName, finalNormName, headName, parameters } from "../config/parameters.js";
import { lowestLayer, type Window } from "../config/window.js";
import { createRopeTable } from "../layers/rope-table.js";
import { allocateRows } from "../layers/row-buffers.js";
import { writeBatch } from "../layers/write-rows.js";

/** Forward and backward over batches of one size; allocates its memory once. */
export interface TrainingStep {
  /**
   * gradients += scale · gradient of the summed loss. Returns the loss summed over the predicted tokens; all calls of
   * the device are made before it waits, so that another batch can be run, or the gradients used, without waiting.
   *
   * @param prefix  [N·D] an earlier result of `prefix()` for this batch, to skip the frozen layers below the window
   */
  run(batch: Batch, scale: number, prefix?: Float32Array | null): Promise<number>;
  /** [N·D] the residual stream that entered the lowest trained layer in the last `run`. */
  prefix(): Promise<Float32Array>;
  /** Frees the memory of the step, not the model. */
  close(): void;
}

/**
 * Layers below the lowest trained one have no backward; frozen layers above it only pass gradients on.
 *
 * @param activationCheckpointing  keep only the layers' inputs and recompute activations in the backward; same results
 * @throws Error if the model was loaded without a window
 */
export function createTrainingStep(model: Model, B: number, T: number, activationCheckpointing = false): TrainingStep {
  if (!model.window) throw new Error("a training step needs a model that was loaded with a window");
  const memory = allocateStep(model, model.window, B * T, T, activationCheckpointing);
  const release = releaser(model);
  return {
    async run(batch, scale, prefix) {
      if (batch.B !== B || batch.T !== T)
        throw new RangeError(`expected a batch of ${B}×${T}, got ${batch.B}×${batch.T}`);
      writeBatch(model, memory.rows, batch);
      const pass = trainingPass(model, memory, B, T, release);
      if (prefix) model.device.write(memory.activations[memory.lowest].input, prefix);
      forward(model, pass, prefix ? memory.lowest : 0);
      headBackward(model, memory, scale);
      release(null);
      for (let layer = model.config.layers - 1; layer >= memory.lowest; layer--) {
        // The shared buffers still hold the activations of the last layer.
        if (activationCheckpointing && layer < model.config.layers - 1) recomputeLayer(model, layer, pass);
        layerBackward(model, layer, memory.activations[layer], memory.dStream, memory, B, T);
        release(layer);
      }
      embeddingBackward(model, memory);
      release(null);
      let total = 0;
      for (const loss of await model.device.read(memory.losses)) total += loss;
      return total;
    },
    prefix: async () => Float32Array.from(await model.device.read(memory.activations[memory.lowest].input)),
    close: memory.close,
  };
}

function allocateStep(model: Model, window: Window, N: number, T: number, activationCheckpointing: boolean) {
  const { config } = model;
  const { device, close } = openScope(model.device);
  const floats = (length: number) => device.allocate("f32", length);
  return {
    N,
    lowest: lowestLayer(window),
    rows: allocateBatch(device, N),
    rope: createRopeTable(device, config, T),
    activations: allocateTraining(device, config, window, N, activationCheckpointing),
    /** The output of the last layer, its norm and their gradients. */
    stream: floats(N * config.hiddenSize),
    dNormed: floats(N * config.hiddenSize),
    dStream: floats(N * config.hiddenSize),
    normed: device.allocate(device.facts.computeDType, N * config.hiddenSize),
    rstd: floats(N),
    losses: floats(N),
    backward: allocateRows(device, backwardWidths(config), N),
    close,
  };
}

type StepMemory = ReturnType<typeof allocateStep>;

/** Releases trained weights and gradients of a layer, or of those outside all layers (null), until their next use. */
function releaser({ device, config, weights, gradients }: Model): (layer: number | null) => void {
  const trained = parameters(config).filter(({ name }) => gradients.has(name));
  return (layer) => {
    for (const { name } of trained.filter((parameter) => parameter.layer === layer)) {
      for (const map of [weights, gradients]) device.release(map.get(name) as DeviceBuffer);
    }
  };
}

/** A forward over B whole sequences that keeps the activations for the backward. */
function trainingPass(
  model: Model,
  memory: StepMemory,
  B: number,
  T: number,
  onLayerDone: (layer: number) => void,
): ForwardPass {
  const { N, rows, rope, activations, stream, normed, rstd } = memory;
  const shape = attentionShape(model, B, T, T);
  const attend: Attend = (_layer, { attentionOutput: out, logSumExp, query: q, key: k, value: v }) =>
    model.device.kernels.attention({ out, logSumExp, q, k, v, visible: rows, shape });
  return { N, rows, rope, activations, attend, end: { predicted: null, stream, normed, rstd }, onLayerDone };
}

/** Recomputes a layer's activations from its input. */
function recomputeLayer(model: Model, layer: number, pass: ForwardPass): void {
  feedForwardInputs(model, layer, layerAttention(model, layer, pass), pass.N);
}

/** Losses, and gradients of the head, the final norm and the last layer's output (dStream). */
function headBackward(model: Model, memory: StepMemory, scale: number): void {
  const { kernels } = model.device;
  const { hiddenSize: D, vocabSize: V } = model.config;
  const { N, normed, dNormed, stream, dStream, rstd, losses, rows } = memory;
  const head = headName(model.config);
  const gradient = (name: string) => model.gradients.get(name) ?? null;
  const w = weightOf(model, head);
  const { targets } = rows;
  kernels.headLoss({ losses, best: null, dx: dNormed, dw: gradient(head), x: normed, w, targets, scale, N, D, V });
  kernels.rmsNormBackward({
    dx: dStream,
    dWeight: gradient(finalNormName),
    dy: dNormed,
    x: stream,
    weight: weightOf(model, finalNormName),
    rstd,
    residual: null,
    N,
    D,
  });
}

function embeddingBackward({ device, config, gradients }: Model, { N, rows, dStream }: StepMemory): void {
  const dTable = gradients.get(embeddingName);
  if (dTable) device.kernels.embedBackward({ dTable, dOut: dStream, ids: rows.ids, N, D: config.hiddenSize });
}
