import type { Device } from "#strata/device/kernels.js";
import { openModelFolder } from "#strata/model/model-folder.js";
import { loadModel } from "#strata/model/model.js";
import { createTrainingStep } from "#strata/model/training-step.js";
import { createOptimizerState } from "#strata/train/optimizer-state.js";
import { createUpdater } from "#strata/train/update.js";
import type { Assignment, TrainingWork } from "../work.js";
import type { Prepared } from "./prepared.js";

/** Training steps as `trainPart` takes them, always on one batch. Units are tokens. */
export async function prepareTraining(device: Device, work: Assignment<TrainingWork>): Promise<Prepared> {
  const { B, T, settings } = work;
  const N = B * T;
  const model = loadModel(device, openModelFolder(work.folder), work.window);
  const updater = createUpdater(model, createOptimizerState(model), settings);
  const pass = createTrainingStep(model, B, T);
  const batch = { B, T, ids: Int32Array.from(work.ids), targets: Int32Array.from(work.targets), firstVisible: new Int32Array(N) };
  let steps = 0;
  const step = async () => {
    steps++;
    const loss = (await pass.run(batch, 1 / N)) / N;
    return { loss, norm: await updater.update(steps, steps, settings.learningRate) };
  };
  const first = await step();
  const second = await step();
  const run = async () => {
    await step();
    return N;
  };
  return { run, proof: [first.loss, first.norm, second.loss] };
}
