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
  /** Frees its memory. */
  close(): void;
}

/**
 * Layers below the lowest trained one have no backward; frozen ones above it only hand gradients down.
 *
 * @param activationCheckpointing  keep one layer's activations at a time and compute them again for its backward; the same bytes
 * @throws Error if the model was loaded without a window
 */
export function createTrainingStep(model: Model, B: number, T: number, activationCheckpointing = false): TrainingStep {
  if (!model.window) throw new Error("a model for training is loaded with a window");
  const memory = allocateStep(model, model.window, B * T, T, activationCheckpointing);
  const release = releaser(model);
  return {
    async run(batch, scale, prefix) {
      if (batch.B !== B || batch.T !== T)
        throw new RangeError(`a batch of ${B}×${T} is expected, not ${batch.B}×${batch.T}`);
      writeBatch(model, memory.rows, batch);
      const pass = trainingPass(model, memory, B, T, release);
      if (prefix) model.device.write(memory.activations[memory.lowest].input, prefix);
      forward(model, pass, prefix ? memory.lowest : 0);
      headBackward(model, memory, scale);
      release(null);
      for (let layer = model.config.layers - 1; layer >= memory.lowest; layer--) {
        // The highest layer's activations are the last ones computed.
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

/** What is trained of a layer, or outside all layers (null), is not needed for now. */
function releaser({ device, config, weights, gradients }: Model): (layer: number | null) => void {
  const trained = parameters(config).filter(({ name }) => gradients.has(name));
  return (layer) => {
    for (const { name } of trained.filter((parameter) => parameter.layer === layer)) {
      for (const map of [weights, gradients]) device.release(map.get(name) as DeviceBuffer);
    }
  };
}

/** A forward over B whole sequences that keeps what the backward needs. */
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

/** From its input all that the layer's backward needs. */
function recomputeLayer(model: Model, layer: number, pass: ForwardPass): void {
  feedForwardInputs(model, layer, layerAttention(model, layer, pass), pass.N);
}

/** Losses, and the gradients of the head, the final norm and the output of the last layer. */
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
