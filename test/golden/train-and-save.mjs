// Trains a model for three steps, saves it, and prints the losses of what was saved: for check-saved.py.
// node test/golden/train-and-save.mjs MODEL OUT, after npm run build
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openDevice } from "../../dist/device/open-device.js";
import { openModelFolder } from "../../dist/model/files/model-folder.js";
import { loadModel } from "../../dist/model/model.js";
import { createScorer } from "../../dist/model/inference/score.js";
import { createTrainingStep } from "../../dist/model/training/training-step.js";
import { createOptimizerState } from "../../dist/train/optimizer-state.js";
import { saveModel } from "../../dist/train/save-model.js";
import { createUpdater } from "../../dist/train/update.js";

const [from, to] = process.argv.slice(2);
const device = await openDevice("auto", 1, "f32");
const source = openModelFolder(from);
const { B, T, ids, targets } = JSON.parse(readFileSync(join(from, "golden.json"), "utf8"));
const firstVisible = new Int32Array(B * T);
const batch = { B, T, ids: Int32Array.from(ids), targets: Int32Array.from(targets), firstVisible };
const model = loadModel(device, source, { first: 0, end: source.config.layers, embeddings: true });
const settings = {
  beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, maxGradNorm: 1,
  optimizer: "adamw", tailAverage: 0,
};
const updater = createUpdater(model, createOptimizerState(model, settings), settings);
const pass = createTrainingStep(model, B, T);
for (let step = 1; step <= 3; step++) {
  await pass.run(batch, 1 / (B * T));
  updater.update(step, 0.01, await updater.norms(), 1);
}
await saveModel(to, model, source);
const positions = Int32Array.from({ length: B * T }, (_, n) => n % T);
const { losses } = await createScorer(loadModel(device, openModelFolder(to), null), B * T).score({
  ids: batch.ids, targets: batch.targets, positions, rows: positions.map((_, n) => n),
  groups: Array.from({ length: B }, (_, b) => ({ start: b * T, prefix: T, continuations: [] })),
});
console.log(JSON.stringify([...losses]));
