import type { Device } from "#strata/device/kernels.js";
import { openModelFolder } from "#strata/model/files/model-folder.js";
import { loadModel } from "#strata/model/model.js";
import { createTrainingStep } from "#strata/model/training/training-step.js";
import { initialLossScale } from "#strata/train/loss-scale.js";
import { createOptimizerState } from "#strata/train/optimizer-state.js";
import { createUpdater } from "#strata/train/update.js";
import type { Assignment, TrainingWork } from "../work.js";
import { buildFolder } from "../paths.js";
import type { Prepared } from "./prepared.js";

/** Training steps as in `trainPart`, always on the same batch. Units are tokens. */
export async function prepareTraining(device: Device, work: Assignment<TrainingWork>): Promise<Prepared> {
  const { T, settings } = work;
  const { batchSize, microBatchSize: B } = settings;
  const model = loadModel(device, openModelFolder(work.folder), work.window, work.offload ? buildFolder : null);
  const updater = createUpdater(model, createOptimizerState(model, settings), settings);
  const pass = createTrainingStep(model, B, T);
  const rowsOf = (ids: readonly number[], i: number) => Int32Array.from(ids.slice(i * B * T, (i + 1) * B * T));
  const batches = Array.from({ length: batchSize / B }, (_, i) => ({
    B,
    T,
    ids: rowsOf(work.ids, i),
    targets: rowsOf(work.targets, i),
    firstVisible: new Int32Array(B * T),
  }));
  const scale = initialLossScale(device.facts.computeDType)?.scale ?? 1;
  let steps = 0;
  const step = async () => {
    steps++;
    const losses = batches.map((batch) => pass.run(batch, scale / (batchSize * T)));
    const [norms, ...each] = await Promise.all([updater.norms(), ...losses]);
    updater.update(steps, settings.learningRate, norms, scale);
    return { loss: each.reduce((sum, loss) => sum + loss, 0) / (batchSize * T), norm: norms.global / scale };
  };
  const first = await step();
  const second = await step();
  const run = async () => {
    await step();
    return batchSize * T;
  };
  return { run, proof: [first.loss, first.norm, second.loss] };
}
