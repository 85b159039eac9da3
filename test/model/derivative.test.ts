import { expect, it } from "vitest";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import type { ModelConfig } from "../../src/model/config/model-config.js";
import { loadModel } from "../../src/model/model.js";
import type { Window } from "../../src/model/config/window.js";
import { createTrainingStep } from "../../src/model/training/training-step.js";
import type { FloatArray } from "../../src/tensor/dtype.js";
import { picoConfig, picoModel, randomBatch } from "./pico.js";

const B = 2;
const T = 6;
const everything: Window = { first: 0, end: 3, embeddings: true };

async function setUp(config: ModelConfig, window: Window) {
  const device = createReferenceDevice("f64");
  const model = loadModel(device, await picoModel(config), window);
  const step = createTrainingStep(model, B, T, false);
  const batch = randomBatch(config, B, T);
  return { device, model, batch, step };
}

/**
 * Largest difference between gradient and central difference over some elements of each tensor, relative to the
 * gradient's size.
 */
async function largestError(config: ModelConfig): Promise<number> {
  const { device, model, batch, step } = await setUp(config, { ...everything, end: config.layers });
  await step.run(batch, 1);
  const gradients = new Map<string, FloatArray>();
  for (const [name, buffer] of model.gradients) gradients.set(name, (await device.read(buffer)) as FloatArray);
  const h = 1e-3;
  let worst = 0;
  for (const [name, gradient] of gradients) {
    const weight = model.weights.get(name)!;
    const values = (await device.read(weight)) as FloatArray;
    const size = Math.sqrt(Array.from(gradient).reduce((sum, g) => sum + g * g, 0) / gradient.length);
    for (let i = 0; i < gradient.length; i += Math.ceil(gradient.length / 5)) {
      const at = async (value: number) => {
        device.write(weight.slice(i, 1), Float64Array.of(value));
        return step.run(batch, 0);
      };
      // Five-point rule: the error falls with h⁴.
      const near = (await at(values[i] + h)) - (await at(values[i] - h));
      const far = (await at(values[i] + 2 * h)) - (await at(values[i] - 2 * h));
      const difference = (8 * near - far) / (12 * h);
      device.write(weight.slice(i, 1), Float64Array.of(values[i]));
      worst = Math.max(worst, Math.abs(difference - gradient[i]) / (size + 1e-9));
    }
  }
  return worst;
}

it("every parameter's gradient is the derivative of the loss, tied and untied, documents packed", async () => {
  expect(await largestError(picoConfig)).toBeLessThan(1e-6);
  expect(await largestError({ ...picoConfig, tieWordEmbeddings: false })).toBeLessThan(1e-6);
});

it("so it is with biases, and through a sliding window", async () => {
  expect(await largestError({ ...picoConfig, layers: 1, attentionBias: "all", feedForwardBias: true })).toBeLessThan(
    1e-6,
  );
  expect(await largestError({ ...picoConfig, layers: 1, family: "mistral", slidingWindow: 2 })).toBeLessThan(1e-6);
});

it("a window's gradients are those of full training, bit for bit, and frozen tensors have none", async () => {
  const full = await setUp(picoConfig, everything);
  await full.step.run(full.batch, 0.5);
  const part = await setUp(picoConfig, { first: 1, end: 2, embeddings: false });
  await part.step.run(part.batch, 0.5);
  expect([...part.model.gradients.keys()].every((name) => name.startsWith("model.layers.1."))).toBe(true);
  expect(part.model.gradients.size).toBe(9);
  for (const [name, buffer] of part.model.gradients) {
    expect(await part.device.read(buffer)).toEqual(await full.device.read(full.model.gradients.get(name)!));
  }
});

it("a document does not see the one before it", async () => {
  const { batch, step } = await setUp(picoConfig, everything);
  const changed = { ...batch, ids: batch.ids.slice(), targets: batch.targets.slice() };
  for (let n = 0; n < B * T; n++) if (n % T < T / 2) changed.targets[n] = -1;
  const before = await step.run(changed, 0);
  changed.ids[0] = (changed.ids[0] + 1) % picoConfig.vocabSize;
  expect(await step.run(changed, 0)).toBe(before);
});
