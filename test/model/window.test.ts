import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Device } from "../../src/device/kernels.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { trainingMemoryBytes } from "../../src/plan/memory.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { loadModel } from "../../src/model/model.js";
import type { Window } from "../../src/model/config/window.js";
import { createTrainingStep } from "../../src/model/training/training-step.js";
import { readTensor } from "../../src/tensor/safetensors.js";
import { picoConfig, picoModel, randomBatch } from "./pico.js";
import { plainAdamW } from "../train/adamw.js";

const deep = { ...picoConfig, layers: 8 };
const [B, T] = [2, 8];

/** A device that counts the bytes that it allocates. */
function countingDevice(): { device: Device; bytes: () => number } {
  const device = createReferenceDevice("f32");
  let bytes = 0;
  const allocate: Device["allocate"] = (dtype, length) => {
    if (dtype === "f32") bytes += 4 * length;
    return device.allocate(dtype, length);
  };
  return { device: { ...device, allocate }, bytes: () => bytes };
}

async function stepMemory(window: Window, activationCheckpointing = false): Promise<{ weights: number; step: number }> {
  const { device, bytes } = countingDevice();
  const model = loadModel(device, await picoModel(deep), window);
  const weights = bytes();
  createTrainingStep(model, B, T, activationCheckpointing);
  return { weights, step: bytes() - weights };
}

it("frozen layers below the window keep no activations, and those above it fewer than trained ones", async () => {
  const step = async (first: number, end: number, embeddings = false) =>
    (await stepMemory({ first, end, embeddings })).step;
  const trained = (await step(5, 8)) - (await step(6, 8));
  const frozenAbove = (await step(4, 5)) - (await step(5, 6));
  const { hiddenSize: D } = deep;
  expect(trained - frozenAbove).toBe(4 * B * T * 2 * D);
  expect((await step(0, 8, true)) - (await step(7, 8))).toBe(6 * trained);
  expect(await step(0, 8)).toBe(await step(0, 8, true));
});

it("a step allocates the memory that the plan states, up to RoPE tables and row data", async () => {
  for (const window of [
    { first: 0, end: 8, embeddings: true },
    { first: 4, end: 6, embeddings: false },
    { first: 2, end: 4, embeddings: true },
  ]) {
    for (const activationCheckpointing of [false, true]) {
      const { weights, step } = await stepMemory(window, activationCheckpointing);
      const savings = { activationCheckpointing, offload: false, ...plainAdamW };
      const plan = trainingMemoryBytes(deep, window, B, T, 0, "f32", savings);
      expect(weights).toBe(plan.weights + plan.gradients);
      expect(Math.abs(step - plan.activations) / plan.activations).toBeLessThan(0.03);
    }
  }
});

it("a step does not change frozen weights and adds to gradients", async () => {
  const source = await picoModel(deep);
  const device = createReferenceDevice("f32");
  const model = loadModel(device, source, { first: 3, end: 5, embeddings: false });
  const step = createTrainingStep(model, B, T, false);
  const batch = randomBatch(deep, B, T);
  const loss = await step.run(batch, 0.5);
  const name = "model.layers.4.mlp.up_proj.weight";
  const once = await device.read(model.gradients.get(name)!);
  expect(await step.run(batch, 0.5)).toBe(loss);
  const twice = await device.read(model.gradients.get(name)!);
  once.forEach((value: number, i: number) => expect(twice[i]).toBeCloseTo(2 * value, 10));
  for (const [weight, stored] of source.tensors)
    expect(await device.read(model.weights.get(weight)!)).toEqual(readTensor(stored));
});

it("a window that trains nothing or is outside the model is refused", async () => {
  const source = await picoModel(picoConfig);
  const device = createReferenceDevice("f32");
  for (const [first, end] of [
    [1, 1],
    [2, 1],
    [-1, 2],
    [0, 4],
    [0.5, 2],
  ]) {
    expect(() => loadModel(device, source, { first, end, embeddings: false })).toThrow(
      `window of ${source.folder} — expected a half-open range of layers inside 0-3 that trains ` +
        `something, got ${first}-${end}.\n` +
        "  Use a range such as 0-4.",
    );
  }
  expect(loadModel(device, source, { first: 1, end: 1, embeddings: true }).gradients.size).toBe(2);
});

it("a batch with an id outside the vocabulary or a position that attends to nothing is refused", async () => {
  const model = loadModel(createReferenceDevice("f32"), await picoModel(picoConfig), {
    first: 0,
    end: 1,
    embeddings: false,
  });
  const step = createTrainingStep(model, B, T, false);
  const batch = randomBatch(picoConfig, B, T);
  await expect(step.run({ ...batch, ids: batch.ids.with(3, 11) }, 1)).rejects.toThrow(
    "batch ids[3] — expected an id below the vocabulary of 11, got 11.",
  );
  await expect(step.run({ ...batch, firstVisible: batch.firstVisible.with(1, 2) }, 1)).rejects.toThrow(
    "batch firstVisible[1] — expected a position from 0 to 1, got 2.",
  );
});

it("a folder with wrong shapes, architecture or JSON is refused with the name of the file", async () => {
  const { folder } = await picoModel(picoConfig);
  const path = join(folder, "config.json");
  const original = JSON.parse(readFileSync(path, "utf8")) as object;
  const withConfig = (change: object) => () => {
    writeFileSync(path, JSON.stringify({ ...original, ...change }));
    openModelFolder(folder);
  };
  expect(withConfig({ intermediate_size: 13 })).toThrow(
    "model.layers.0.mlp.gate_proj.weight — expected shape [13, 8], got [12, 8].",
  );
  expect(withConfig({ model_type: "gpt2" })).toThrow(
    `${path} model_type — expected "llama", "mistral" or "qwen2", got "gpt2".`,
  );
  expect(withConfig({ num_hidden_layers: 2 })).toThrow(
    "model.layers.2.input_layernorm.weight — expected a layer number below 2, as in config.json, got 2.",
  );
  expect(withConfig({ num_hidden_layers: 4 })).toThrow(
    "model.layers.3.input_layernorm.weight — expected a tensor of shape [8], got nothing.",
  );
  expect(withConfig({ num_key_value_heads: 3 })).toThrow(
    "num_key_value_heads — expected a divisor of 4 query heads, got 3.",
  );
  writeFileSync(path, "{");
  expect(() => openModelFolder(folder)).toThrow(`${path} — expected JSON, got `);
});
