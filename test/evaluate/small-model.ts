import { join } from "node:path";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { plainLlama } from "../../src/model/config/architecture.js";
import { writeInitialModel } from "../../src/model/files/initialize.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { createScorer } from "../../src/model/inference/score.js";
import { loadModel, type Model } from "../../src/model/model.js";
import { temporaryFolder } from "../temporary-folder.js";

/** Of a model for the tokenizer of byte-tokenizer.ts. */
export const smallConfig = {
  ...plainLlama,
  vocabSize: 258,
  hiddenSize: 16,
  layers: 2,
  attentionHeads: 4,
  keyValueHeads: 2,
  headDim: 4,
  intermediateSize: 24,
  rmsNormEps: 1e-5,
  ropeTheta: 10000,
  tieWordEmbeddings: true,
  maxPositions: 96,
  bosId: 256,
  eosIds: [257],
};

/**
 * A model with 96 positions. Its random weights are fifteen times as large as
 * usual, so that the context affects the predictions.
 */
export async function openSmallModel(): Promise<Model> {
  const folder = join(temporaryFolder(), "model");
  await writeInitialModel(folder, smallConfig, 1);
  const device = createReferenceDevice("f32");
  const model = loadModel(device, openModelFolder(folder), { first: 0, end: smallConfig.layers, embeddings: true });
  for (const [name, weight] of model.weights) {
    if (name.includes("norm")) continue;
    device.write(
      weight,
      Float32Array.from(await device.read(weight), (value) => 15 * value),
    );
  }
  return model;
}

/** Σ log p of the last `count` tokens, in a separate forward pass. */
export async function scoreAlone(model: Model, ids: readonly number[], count: number): Promise<number> {
  const T = ids.length - 1;
  const targets = Int32Array.from({ length: T }, (_, i) => (i >= T - count ? ids[i + 1] : -1));
  const positions = Int32Array.from(targets, (_, i) => i);
  const groups = [{ start: 0, prefix: T, continuations: [] }];
  const batch = { ids: Int32Array.from(ids.slice(0, -1)), positions, groups, rows: positions, targets };
  const { losses } = await createScorer(model, T).score(batch);
  return -losses.reduce((sum, value) => sum + value, 0);
}
