import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { ShardReader } from "../../src/corpus/shards/batches.js";
import { deviceReport, openDevice } from "../../src/device/open-device.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { readTensorBytes, openSafetensors } from "../../src/tensor/safetensors.js";
import { readJournal } from "../../src/files/journal.js";
import type { JournalEntry } from "../../src/train/journal.js";
import type { TrainingSettings } from "../../src/train/settings.js";
import { trainPart, type TrainPartOptions } from "../../src/train/train-part.js";
import { newFolder } from "../corpus/corpus-fixtures.js";
import { partOptions, picoPart } from "./pico-part.js";
import { plainExecution, smallSettings } from "./small-settings.js";
import { temporaryFolder } from "../temporary-folder.js";

const steps = 8;
const root = temporaryFolder();
const cpu = (await deviceReport())[0].available;
let start: string;
let data: ShardReader;

beforeAll(async () => {
  ({ start, data } = await picoPart(root));
});

const settings: TrainingSettings = { ...smallSettings, optimizer: "muon", tailAverage: 0.5 };

async function options(folder: string, change: Partial<TrainPartOptions> = {}): Promise<TrainPartOptions> {
  return partOptions({
    device: await openDevice(cpu ? "cpu" : "reference", 2, "bf16"),
    start,
    window: { first: 1, end: 3, embeddings: true },
    data,
    steps,
    stepsOfSchedule: steps,
    snapshots: [{ name: "75", step: 6 }],
    settings,
    execution: { ...plainExecution, checkpointSteps: 2 },
    keepsMoments: true,
    folder,
    ...change,
  });
}

async function trained(change: Partial<TrainPartOptions> = {}): Promise<string> {
  const folder = newFolder(root);
  await trainPart(await options(folder, change));
  return folder;
}

const modelBytes = (folder: string) => readFileSync(join(folder, "model", "model.safetensors"));
const lossesOf = (folder: string) => readJournal<JournalEntry>(join(folder, "journal.jsonl")).map(({ loss }) => loss);

function valuesOf(folder: string, name: string): Float32Array {
  const bytes = readTensorBytes(openModelFolder(folder).tensors.get(name)!);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

describe("a part trained by Muon", () => {
  let whole: string;
  beforeAll(async () => {
    whole = await trained();
  });

  test("has the same bytes with one thread, with its state on disk and with recomputed activations", async () => {
    const { execution } = await options(whole);
    for (const change of [
      { device: await openDevice(cpu ? "cpu" : "reference", 1, "bf16") },
      { execution: { ...execution, offload: true } },
      { execution: { ...execution, activationCheckpointing: true, checkpointSteps: null } },
    ]) {
      expect(modelBytes(await trained(change)).equals(modelBytes(whole))).toBe(true);
    }
  });

  test.each([1, 4, 5, 7, 8])("and killed after step %i continues to the same bytes", async (step) => {
    const folder = newFolder(root);
    const kill = (done: number) => {
      if (done === step) throw new Error("killed");
    };
    await expect(trainPart(await options(folder, { onProgress: (progress) => kill(progress.step) }))).rejects.toThrow(
      "killed",
    );
    await trainPart(await options(folder));
    for (const name of ["model/model.safetensors", "snapshots/75/model.safetensors", "checkpoint.safetensors"])
      expect(readFileSync(join(folder, name)).equals(readFileSync(join(whole, name))), name).toBe(true);
  });

  test("keeps two moments of embedding, head, norms and biases, and one of the matrices of layers", () => {
    const kept = [...openSafetensors(join(whole, "checkpoint.safetensors")).tensors.keys()];
    const matrices = kept.filter((name) => /^m\/model\.layers\..*_proj\.weight$/.test(name));
    expect(matrices.length).toBe(2 * 7);
    for (const name of kept.filter((each) => each.startsWith("m/")))
      expect(kept.includes(name.replace("m/", "v/")), name).toBe(!matrices.includes(name));
  });

  test("lowers the loss", async () => {
    const change = {
      settings: { ...settings, schedule: "constant", warmup: 0 },
      steps: 40,
      stepsOfSchedule: 40,
    } as const;
    const losses = lossesOf(await trained({ ...change, snapshots: [] }));
    expect(losses.at(-1)!).toBeLessThan(losses[0] - 1);
  });

  test("differs from AdamW's only in what the optimizer does", async () => {
    const adamW = await trained({ settings: { ...settings, optimizer: "adamw" } });
    expect(lossesOf(adamW)[0]).toBe(lossesOf(whole)[0]);
    expect(modelBytes(adamW).equals(modelBytes(whole))).toBe(false);
  });

  test("continues with its momentum in the next round, and not with the moments of AdamW", async () => {
    const next = { stepsBefore: steps, stepsOfSchedule: 2 * steps, previous: join(whole, "moments.safetensors") };
    const kept = modelBytes(await trained(next));
    expect(modelBytes(await trained({ ...next, previous: null })).equals(kept)).toBe(false);
    expect(modelBytes(await trained(next)).equals(kept)).toBe(true);
    const folder = newFolder(root);
    const name = "model.layers.1.self_attn.q_proj.weight";
    await expect(
      trainPart(await options(folder, { ...next, settings: { ...settings, optimizer: "adamw" } })),
    ).rejects.toThrow(
      `${next.previous} ${name} — expected the state of adamw, got that of muon.\n` +
        "  Use one optimizer in all rounds of a strategy, or keepOptimizerState: false.",
    );
    expect(existsSync(join(folder, "model"))).toBe(false);
  });
});

describe("a part whose last weights are averaged", () => {
  const name = "model.layers.1.mlp.up_proj.weight";
  const adamW = { ...settings, optimizer: "adamw" } as const;

  test("saves the mean over the last steps, and snapshots as they are", async () => {
    const every = { snapshots: Array.from({ length: steps }, (_, i) => ({ name: `${i + 1}`, step: i + 1 })) };
    const folder = await trained({ ...every, settings: adamW });
    const plain = await trained({ ...every, settings: { ...adamW, tailAverage: 0 } });
    const last = [5, 6, 7, 8].map((step) => valuesOf(join(plain, "snapshots", `${step}`), name));
    const mean = valuesOf(join(folder, "model"), name);
    const error = mean.map((value, i) => Math.abs(value - last.reduce((sum, weights) => sum + weights[i], 0) / 4));
    expect(Math.max(...error)).toBeLessThan(1e-7);
    expect(Math.max(...mean.map((value, i) => Math.abs(value - last[3][i])))).toBeGreaterThan(1e-4);
    for (let step = 1; step <= steps; step++) {
      const [a, b] = [folder, plain].map((at) => readFileSync(join(at, "snapshots", `${step}`, "model.safetensors")));
      expect(a.equals(b)).toBe(true);
    }
  });

  test("keeps the weights of the start in a round without a step", async () => {
    const folder = await trained({ settings: adamW, steps: 0, snapshots: [] });
    expect(valuesOf(join(folder, "model"), name)).toEqual(valuesOf(start, name));
  });

  test("over one step has the bytes of the last weights", async () => {
    const [one, plain] = [0.01, 0].map((tailAverage) => trained({ settings: { ...adamW, tailAverage } }));
    expect(modelBytes(await one).equals(modelBytes(await plain))).toBe(true);
  });
});
