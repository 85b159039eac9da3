import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { ShardReader } from "../../src/corpus/shards/batches.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { openModelFolder, type ModelFolder } from "../../src/model/files/model-folder.js";
import { parameters } from "../../src/model/config/parameters.js";
import { isTrained, type Window } from "../../src/model/config/window.js";
import { openSafetensors, readTensorBytes } from "../../src/tensor/safetensors.js";
import { readJournal } from "../../src/files/journal.js";
import type { JournalEntry } from "../../src/train/journal.js";
import { trainPart, type TrainPartOptions } from "../../src/train/train-part.js";
import { newFolder } from "../corpus/corpus-fixtures.js";
import { picoModel } from "../model/pico.js";
import { temporaryFolder } from "../temporary-folder.js";
import { partConfig, partOptions, picoPart } from "./pico-part.js";
import { plainExecution } from "./small-settings.js";

const steps = 6;
const root = temporaryFolder();
let start: string;
let data: ShardReader;

beforeAll(async () => {
  ({ start, data } = await picoPart(root));
});

const middle: Window = { first: 1, end: 2, embeddings: false };

function options(folder: string, change: Partial<TrainPartOptions> = {}): TrainPartOptions {
  return partOptions({
    device: createReferenceDevice("f32"),
    start,
    window: middle,
    data,
    steps,
    stepsOfSchedule: steps,
    snapshots: [{ name: "50", step: 3 }],
    execution: { ...plainExecution, checkpointSteps: 2 },
    folder,
    ...change,
  });
}

/** Trains until a step and throws, like a killed process: unsaved progress is lost. */
async function killedAt(step: number, folder: string): Promise<void> {
  const kill = (done: number) => {
    if (done === step) throw new Error("killed");
  };
  await expect(trainPart(options(folder, { onProgress: (progress) => kill(progress.step) }))).rejects.toThrow("killed");
}

const bytesOf = (folder: string, name: string) => readFileSync(join(folder, name));

describe.each([
  ["a layer in the middle", middle],
  ["the last layers", { first: 1, end: 3, embeddings: false }],
  ["embedding, norm and head", { first: 0, end: 0, embeddings: true }],
])("a part of a bf16 model that trains %s", (_, window) => {
  const folder = newFolder(root);
  let bf16: ModelFolder;
  beforeAll(async () => {
    bf16 = await picoModel(partConfig, 1, "bf16");
    await trainPart(options(folder, { window, start: bf16.folder }));
  });

  test("keeps the bytes of every frozen tensor and changes every trained one", () => {
    const [before, after] = [bf16, openModelFolder(join(folder, "model"))];
    let frozen = 0;
    for (const parameter of parameters(partConfig)) {
      const [a, b] = [before, after].map(({ tensors }) => tensors.get(parameter.name)!);
      const same = a.dtype === b.dtype && Buffer.compare(readTensorBytes(a), readTensorBytes(b)) === 0;
      expect(same, parameter.name).toBe(!isTrained(parameter, window));
      if (same) frozen++;
    }
    expect(frozen).toBeGreaterThan(0);
  });
  test("keeps weights and moments of the trained tensors only", () => {
    const kept = [...openSafetensors(join(folder, "checkpoint.safetensors")).tensors.keys()];
    const trained = parameters(partConfig)
      .filter((parameter) => isTrained(parameter, window))
      .map(({ name }) => name);
    expect(kept.toSorted()).toEqual(
      ["weight", "m", "v"].flatMap((what) => trained.map((name) => `${what}/${name}`)).toSorted(),
    );
  });
});

describe("a part that was stopped", () => {
  const whole = newFolder(root);
  beforeAll(() => trainPart(options(whole)));

  test.each([1, 2, 3, 4, 5, 6])(
    "by a kill after step %i continues from its last checkpoint, to the same bytes",
    async (step) => {
      const folder = newFolder(root);
      await killedAt(step, folder);
      const done: number[] = [];
      await trainPart(options(folder, { onProgress: (progress) => done.push(progress.step) }));
      // A checkpoint is written every second step, after the progress of that step is reported.
      const saved = step - 1 - ((step - 1) % 2);
      expect(done).toEqual(Array.from({ length: steps - saved }, (_, i) => saved + 1 + i));
      for (const name of ["model/model.safetensors", "snapshots/50/model.safetensors", "checkpoint.safetensors"]) {
        expect(bytesOf(folder, name).equals(bytesOf(whole, name)), name).toBe(true);
      }
      const facts = (at: string) =>
        readJournal<JournalEntry>(join(at, "journal.jsonl")).map(({ seconds: _seconds, ...rest }) => rest);
      expect(facts(folder)).toEqual(facts(whole));
    },
  );

  test("by a signal writes a checkpoint and loses nothing", async () => {
    const folder = newFolder(root);
    const interruption = new AbortController();
    const stopping = trainPart(
      options(folder, {
        execution: plainExecution,
        signal: interruption.signal,
        onProgress: ({ step }) => step === 3 && interruption.abort(),
      }),
    );
    await expect(stopping).rejects.toThrow(
      `${folder} step 3 — expected 6 steps, got an interruption.\n` +
        "  A checkpoint was written: run the same command again to continue from here.",
    );
    const done: number[] = [];
    await trainPart(options(folder, { onProgress: ({ step }) => done.push(step) }));
    expect(done).toEqual([4, 5, 6]);
    for (const name of ["model/model.safetensors", "snapshots/50/model.safetensors"])
      expect(bytesOf(folder, name).equals(bytesOf(whole, name))).toBe(true);
  });

  test("does not continue from the checkpoint of another part", async () => {
    await expect(trainPart(options(whole, { identity: "another" }))).rejects.toThrow(
      `${join(whole, "checkpoint.safetensors")} — expected the checkpoint of another, got part.\n` +
        "  This checkpoint belongs to another part: remove its folder and run again.",
    );
  });
});

test("the step alone determines the position in the data, also in later rounds", async () => {
  const asked: number[] = [];
  const watched: ShardReader = { ...data, batch: (sequence, B) => (asked.push(sequence), data.batch(sequence, B)) };
  for (const stepsBefore of [0, steps]) {
    await trainPart(options(newFolder(root), { data: watched, stepsBefore, stepsOfSchedule: 2 * steps }));
  }
  // Two batches of two sequences a step.
  expect(asked).toEqual(Array.from({ length: 2 * steps * 2 }, (_, i) => 2 * i));
});

test("a part that diverges names the loss or tensor and writes no model", async () => {
  const folder = newFolder(root);
  const { settings } = options(folder);
  await expect(
    trainPart(options(folder, { settings: { ...settings, learningRate: 1e30, maxGradNorm: null } })),
  ).rejects.toThrow(
    new RegExp(
      String.raw`^step \d+, (loss|gradient of \S+) — expected a finite number, got (NaN|Infinity)\.\n {2}` +
        String.raw`Training has diverged; the last checkpoint is kept\.`,
    ),
  );
  expect(existsSync(join(folder, "model"))).toBe(false);
});

test("a part that continues where products are computed in another way says so, once", async () => {
  const folder = newFolder(root);
  await killedAt(3, folder);
  const notes: string[] = [];
  const onNote = (note: string) => void notes.push(note);
  const { products } = await trainPart(options(folder, { device: createReferenceDevice("f32", "bf16"), onNote }));
  expect(products).toBe("typescript, f32, then typescript, bf16");
  expect(notes).toEqual([
    "continues after step 2, which was computed as typescript, f32, as typescript, bf16: other bits than one machine " +
      "alone gives",
  ]);
  const same = newFolder(root);
  await killedAt(3, same);
  expect((await trainPart(options(same, { onNote }))).products).toBe("typescript, f32");
  expect(notes).toHaveLength(1);
});
