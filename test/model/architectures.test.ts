import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Device } from "../../src/device/kernels.js";
import { deviceReport, openDevice } from "../../src/device/open-device.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { generate } from "../../src/model/inference/generate.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { loadModel, type Model } from "../../src/model/model.js";
import { createScorer } from "../../src/model/inference/score.js";
import { createTrainingStep } from "../../src/model/training/training-step.js";
import { saveModel } from "../../src/train/save-model.js";
import type { FloatArray } from "../../src/tensor/dtype.js";
import { openSafetensors, readTensor, readTensorBytes } from "../../src/tensor/safetensors.js";
import { temporaryFolder } from "../temporary-folder.js";

/** Made by test/golden/make-architectures.py. */
const golden = join(import.meta.dirname, "../golden/architectures");
const names = readdirSync(golden);
/** Largest relative error of a tensor: norm of the difference / norm. */
const limit = 1e-5;

function distance(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference += (got[i] - expected[i]) ** 2;
    norm += expected[i] ** 2;
  }
  return Math.sqrt(difference / norm);
}

/** −log softmax of each row. */
function lossesOf(logits: Float32Array, V: number): Float64Array {
  const losses = new Float64Array(logits.length);
  for (let start = 0; start < logits.length; start += V) {
    const row = logits.subarray(start, start + V);
    const sum = Math.log(row.reduce((total, logit) => total + Math.exp(logit), 0));
    row.forEach((logit, i) => (losses[start + i] = sum - logit));
  }
  return losses;
}

const cpu = (await deviceReport()).find(({ name }) => name === "cpu");
describe("reference device", () => names.forEach((name) => compare(name, () => createReferenceDevice("f32"))));
describe.skipIf(!cpu?.available)(`cpu device${cpu?.reason ? ` (${cpu.reason})` : ""}`, () =>
  names.forEach((name) => compare(name, () => openDevice("cpu", 2, "f32"))),
);

function compare(name: string, open: () => Device | Promise<Device>): void {
  const folder = join(golden, name);
  const { B, T, ids, targets } = JSON.parse(readFileSync(join(folder, "golden.json"), "utf8")) as {
    B: number;
    T: number;
    ids: number[];
    targets: number[];
  };
  const expected = new Map(
    [...openSafetensors(join(folder, "golden.safetensors")).tensors].map(([key, tensor]) => [key, readTensor(tensor)]),
  );
  const source = openModelFolder(folder);
  const { layers, vocabSize: V } = source.config;
  const N = B * T;
  const positions = Int32Array.from({ length: N }, (_, n) => n % T);
  const batch = { B, T, ids: Int32Array.from(ids), targets: Int32Array.from(targets), firstVisible: new Int32Array(N) };
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });

  async function compareGradients({ gradients }: Model): Promise<void> {
    for (const [weight, buffer] of gradients) {
      const gradient = (await device.read(buffer)) as FloatArray;
      expect(distance(gradient, expected.get(`gradient/${weight}`)!), weight).toBeLessThan(limit);
    }
  }

  it(`${name}: logits are those of transformers, up to a constant per row`, async () => {
    const groups = Array.from({ length: B }, (_, b) => ({ start: b * T, prefix: T, continuations: [] }));
    // Every row predicts every id.
    const rows = Int32Array.from({ length: N * V }, (_, i) => Math.floor(i / V));
    const scorer = createScorer(loadModel(device, source, null), N * V);
    const { losses } = await scorer.score({
      ids: Int32Array.from(ids),
      positions,
      groups,
      rows,
      targets: rows.map((_, i) => i % V),
    });
    expect(distance(losses, lossesOf(expected.get("logits")!, V))).toBeLessThan(limit);
  });

  it(`${name}: loss and every gradient are those of PyTorch`, async () => {
    const model = loadModel(device, source, { first: 0, end: layers, embeddings: true });
    const total = await createTrainingStep(model, B, T, false).run(batch, 1);
    const sum = expected.get("losses")!.reduce((a, b) => a + b, 0);
    expect(Math.abs(total - sum) / sum).toBeLessThan(limit);
    const gradients = [...expected.keys()].filter((key) => key.startsWith("gradient/")).map((key) => key.slice(9));
    expect([...model.gradients.keys()].sort()).toEqual(gradients.sort());
    await compareGradients(model);
  });

  it(`${name}: so are those of a layer when all others are frozen and mapped in their file's dtype`, async () => {
    const model = loadModel(device, source, { first: 0, end: 1, embeddings: false });
    await createTrainingStep(model, B, T, false).run(batch, 1);
    expect(model.gradients.size).toBeGreaterThanOrEqual(9);
    await compareGradients(model);
  });

  it(`${name}: a text generated token by token has the same likeliest tokens when scored at once`, async () => {
    const model = loadModel(device, source, null);
    const prompt = ids.slice(0, T);
    const options = { maxTokens: 6, temperature: 0, seed: 0, stop: () => false };
    const [made] = await generate(model, [prompt], options);
    const text = Int32Array.from([...prompt, ...made]);
    const rows = Int32Array.from(text, (_, n) => n);
    const scores = await createScorer(model, text.length).score({
      ids: text,
      positions: rows,
      groups: [{ start: 0, prefix: text.length, continuations: [] }],
      rows,
      targets: rows.map(() => -1),
    });
    expect(Array.from(scores.best.slice(T - 1, -1))).toEqual(made);
  });
}

it.each(names)(
  "%s, loaded and saved, has the same tensor names, dtypes, shapes and bytes, and the same other files",
  async (name) => {
    const source = openModelFolder(join(golden, name));
    const folder = join(temporaryFolder(), name);
    await saveModel(folder, loadModel(createReferenceDevice("f32"), source, null), source);
    const saved = openModelFolder(folder);
    expect(saved.config).toEqual(source.config);
    expect([...saved.tensors.keys()]).toEqual([...source.tensors.keys()]);
    for (const [tensor, stored] of source.tensors) {
      const again = saved.tensors.get(tensor)!;
      expect([again.dtype, again.shape]).toEqual([stored.dtype, stored.shape]);
      expect(Buffer.compare(readTensorBytes(again), readTensorBytes(stored)), tensor).toBe(0);
    }
    for (const file of ["config.json", "generation_config.json"]) {
      expect(readFileSync(join(folder, file), "utf8")).toBe(readFileSync(join(golden, name, file), "utf8"));
    }
  },
);
