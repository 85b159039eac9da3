/** Training in f16, on the reference device: gradients that overflow lower the scale of the loss, and change nothing. */
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { ShardReader } from "../../src/corpus/shards/batches.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { readJournal } from "../../src/files/journal.js";
import { finalNormName } from "../../src/model/config/parameters.js";
import { decodeFloats, encodeFloats } from "../../src/tensor/dtype.js";
import { openSafetensors, readTensorBytes } from "../../src/tensor/safetensors.js";
import { writeSafetensors } from "../../src/tensor/write-safetensors.js";
import type { JournalEntry } from "../../src/train/journal.js";
import { afterOverflow, afterUpdate, initialLossScale, type LossScale } from "../../src/train/loss-scale.js";
import { trainPart, type TrainPartOptions } from "../../src/train/train-part.js";
import { newFolder } from "../corpus/corpus-fixtures.js";
import { temporaryFolder } from "../temporary-folder.js";
import { partOptions, picoPart } from "./pico-part.js";
import { plainExecution, smallSettings } from "./small-settings.js";

const root = temporaryFolder();
const steps = 24;
let plain: string;
let data: ShardReader;

beforeAll(async () => {
  ({ start: plain, data } = await picoPart(root));
});

function options(change: Partial<TrainPartOptions> = {}): TrainPartOptions {
  return partOptions({
    device: createReferenceDevice("f32", "f16"),
    start: plain,
    window: { first: 1, end: 2, embeddings: false },
    data,
    steps,
    stepsOfSchedule: steps,
    execution: { ...plainExecution, checkpointSteps: 5 },
    folder: newFolder(root),
    ...change,
  });
}

async function train(given: TrainPartOptions) {
  await trainPart(given);
  return {
    entries: readJournal<JournalEntry>(join(given.folder, "journal.jsonl")) as readonly JournalEntry[],
    model: readFileSync(join(given.folder, "model/model.safetensors")),
  };
}

/** The model with a frozen norm whose weights are multiplied, and with them all gradients of the layers. */
async function withSteepNorm(factor: number): Promise<string> {
  const folder = newFolder(root);
  const file = openSafetensors(join(plain, "model.safetensors"));
  copyFileSync(join(plain, "config.json"), join(folder, "config.json"));
  const entries = [...file.tensors].map(([name, { shape, dtype }]) => ({ name, shape, dtype }));
  await writeSafetensors(join(folder, "model.safetensors"), entries, function* ({ name, dtype }) {
    const bytes = readTensorBytes(file.tensors.get(name)!);
    if (name !== finalNormName) yield bytes;
    else yield encodeFloats(decodeFloats(bytes, dtype).map((value) => factor * value) as Float32Array, dtype as "f32");
  });
  return folder;
}

test("the scale is halved by an overflow, doubled after 2000 steps without, and stays from 1 to 2²⁴", () => {
  expect(initialLossScale("f32")).toBeNull();
  expect(initialLossScale("bf16")).toBeNull();
  let state = initialLossScale("f16") as LossScale;
  expect(state).toEqual({ scale: 65536, steps: 0 });
  expect(afterOverflow({ scale: 65536, steps: 7 })).toEqual({ scale: 32768, steps: 0 });
  expect(afterOverflow({ scale: 1, steps: 7 })).toBeNull();
  for (let step = 0; step < 1999; step++) state = afterUpdate(state);
  expect(state).toEqual({ scale: 65536, steps: 1999 });
  expect(afterUpdate(state)).toEqual({ scale: 131072, steps: 0 });
  expect(afterUpdate({ scale: 2 ** 24, steps: 1999 })).toEqual({ scale: 2 ** 24, steps: 0 });
});

test("losses and norms are those of f32 but for rounding, whatever the scale", async () => {
  const [half, whole] = [await train(options()), await train(options({ device: createReferenceDevice("f32") }))];
  for (const [at, { loss, gradientNorm, lossScale }] of half.entries.entries()) {
    expect(lossScale).toBe(65536);
    expect(Math.abs(loss - whole.entries[at].loss)).toBeLessThan(0.01);
    expect(Number(gradientNorm) / Number(whole.entries[at].gradientNorm)).toBeCloseTo(1, 1);
  }
  expect(whole.entries.every((entry) => !("lossScale" in entry))).toBe(true);
});

test.each(["adamw", "muon"] as const)("with %s, steps whose gradients overflow change nothing", async (optimizer) => {
  const start = await withSteepNorm(3000);
  const settings = { ...smallSettings, optimizer };
  const { entries } = await train(options({ start, settings }));
  const skipped = entries.findIndex(({ gradientNorm }) => gradientNorm !== null);
  expect(skipped).toBeGreaterThan(2);
  expect(skipped).toBeLessThan(steps - 2);
  expect(entries.slice(0, skipped).every(({ gradientNorm }) => gradientNorm === null)).toBe(true);
  expect(entries.map(({ lossScale }) => lossScale).slice(0, skipped + 1)).toEqual(
    Array.from({ length: skipped + 1 }, (_, n) => 65536 / 2 ** n),
  );
  // A part of only the skipped steps has the bytes of the model it began with.
  const folder = newFolder(root);
  await trainPart(options({ start, settings, steps: skipped, folder }));
  const after = openSafetensors(join(folder, "model/model.safetensors")).tensors;
  for (const [name, tensor] of openSafetensors(join(start, "model.safetensors")).tensors)
    expect(readTensorBytes(after.get(name)!), name).toEqual(readTensorBytes(tensor));
});

test("a part that is killed after such steps continues with its scale, to the same bytes", async () => {
  const start = await withSteepNorm(3000);
  const whole = await train(options({ start }));
  const folder = newFolder(root);
  const stop = (step: number) => {
    if (step === 13) throw new Error("killed");
  };
  const killed = trainPart(options({ start, folder, onProgress: ({ step }) => stop(step) }));
  await expect(killed).rejects.toThrow("killed");
  const continued = await train(options({ start, folder }));
  expect(continued.model.equals(whole.model)).toBe(true);
  expect(continued.entries.map(({ lossScale }) => lossScale)).toEqual(whole.entries.map(({ lossScale }) => lossScale));
});
